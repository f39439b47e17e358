// The tools are installed under .run/, outside of the folders Node looks in.
const { createRequire } = require("module");
const tools = createRequire(`${__dirname}/.run/node/`);

const config = {
    plugins: [tools.resolve("@prettier/plugin-xml")],
    tabWidth: 4,
    printWidth: 100,
    semi: true,
    singleQuote: false,
    trailingComma: "es5",
    xmlWhitespaceSensitivity: "preserve",
    overrides: [{ files: "*.{json,yml,yaml,md}", options: { tabWidth: 2 } }],
};

module.exports = config;
