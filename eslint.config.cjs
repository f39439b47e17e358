// The tools are installed under .run/, outside of the folders Node looks in.
const { createRequire } = require("module");
const globals = createRequire(`${__dirname}/.run/node/`)("globals");

module.exports = [
    {
        files: ["**/static/**/*.js"],
        ignores: ["**/static/lib/**", "**/static/src/lib/**"],
        languageOptions: {
            ecmaVersion: 2024,
            sourceType: "module",
            globals: { ...globals.browser, odoo: "readonly", luxon: "readonly" },
        },
        rules: {
            "no-undef": "error",
            "no-restricted-globals": ["error", "event", "self"],
            "no-const-assign": "error",
            "no-debugger": "error",
            "no-dupe-class-members": "error",
            "no-dupe-keys": "error",
            "no-duplicate-imports": "error",
            "no-unused-vars": ["error", { args: "none" }],
            "prefer-const": "error",
            eqeqeq: "error",
            "no-restricted-syntax": [
                "error",
                {
                    selector:
                        "ClassDeclaration[superClass.name='Component']:not(:has(ClassBody.body > PropertyDefinition[key.name='props'][static='true']))",
                    message: "An OWL component declares static props",
                },
                {
                    selector:
                        "ClassDeclaration[superClass.name='Component']:not(:has(ClassBody.body > PropertyDefinition[key.name='template'][static='true']))",
                    message: "An OWL component declares a static template",
                },
            ],
        },
    },
];
