{
    "name": "Service Management",
    "version": "19.0.1.0.0",
    "category": "Services",
    "summary": "Service orders, service-point network, dispatch, visits and parts",
    "author": "Service Suite",
    "license": "LGPL-3",
    "development_status": "Beta",
    "application": True,
    "depends": [
        "contacts",
        "hr_skills",
        "mail",
        "phone_validation",
        "portal",
        "product",
        "resource",
        "stock",
    ],
    "data": [
        # groups and access rights
        "security/service_groups.xml",
        # base
        # catalog
        "security/ir.model.access-catalog.csv",
        "views/catalog/service_stage_views.xml",
        "views/catalog/service_type_views.xml",
        "views/catalog/service_fault_code_views.xml",
        "views/catalog/service_reject_reason_views.xml",
        # network
        "security/ir.model.access-network.csv",
        "security/network_rules.xml",
        "data/network/ir_sequence_data.xml",
        "views/network/service_team_views.xml",
        "views/network/service_type_views.xml",
        "views/network/service_area_views.xml",
        "views/network/service_area_zip_views.xml",
        "views/network/service_coverage_views.xml",
        "views/network/service_point_views.xml",
        "views/network/service_technician_views.xml",
        # asset
        "security/ir.model.access-asset.csv",
        "security/asset_rules.xml",
        # agreement
        "security/ir.model.access-agreement.csv",
        "security/agreement_rules.xml",
        "data/agreement/service_contract_data.xml",
        # process
        "security/ir.model.access-process.csv",
        "security/process_rules.xml",
        # order
        "security/ir.model.access-order.csv",
        "security/order_rules.xml",
        "data/order/service_order_data.xml",
        # dispatch
        "security/ir.model.access-dispatch.csv",
        "security/dispatch_rules.xml",
        "data/dispatch/service_offer_data.xml",
        # parts
        "security/ir.model.access-parts.csv",
        "views/service_menus.xml",
    ],
    "demo": [],
    "assets": {
        "web.assets_backend": [
            "service_management/static/src/**/*",
        ],
    },
    "uninstall_hook": "uninstall_hook",
}
