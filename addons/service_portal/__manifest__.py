{
    "name": "Service Portal",
    "version": "19.0.1.0.0",
    "category": "Services",
    "summary": "Customers file and follow requests, service points answer, plan and "
    "report, on any phone",
    "author": "Service Suite",
    "license": "LGPL-3",
    "depends": ["im_livechat", "portal", "service_management"],
    "data": [
        "security/ir.model.access.csv",
        "security/order_rules.xml",
        "data/catalog/service_type_data.xml",
        "views/base/portal_templates.xml",
        "views/catalog/service_type_views.xml",
        "views/order/order_templates.xml",
        "views/order/request_templates.xml",
        "views/asset/asset_templates.xml",
        "views/dispatch/offer_templates.xml",
        "views/dispatch/job_templates.xml",
        "views/dispatch/report_templates.xml",
        "views/channel/chatbot_script_step_views.xml",
        "views/channel/service_order_views.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "service_portal/static/src/channel/**/*",
        ],
        "web.assets_frontend": [
            "service_portal/static/src/interactions/**/*",
            "service_portal/static/src/scss/service_portal.scss",
        ],
        "web.assets_tests": [
            "service_portal/static/tests/tours/**/*",
        ],
    },
}
