// Builds static/dist from static/src and node_modules. Django hashes and compresses afterwards.
//   app.css           Tailwind, minified
//   *.js              our own scripts, as they are
//   echarts.min.js    charts        alpine.min.js    Alpine's CSP build
//   icons.svg         the sprite of the Lucide icons that static/src/icons.txt names
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const source = join(root, "static", "src");
const target = join(root, "static", "dist");
const modules = join(root, "node_modules");

function fail(message) {
  console.error(`build-assets: ${message}`);
  process.exit(1);
}

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

const tailwind = spawnSync(
  process.execPath,
  [
    join(modules, "@tailwindcss", "cli", "dist", "index.mjs"),
    "--input", join(source, "app.css"),
    "--output", join(target, "app.css"),
    "--minify",
  ],
  { cwd: root, encoding: "utf8" },
);
if (tailwind.status !== 0) fail(tailwind.stderr || String(tailwind.error));

const scripts = join(source, "js");
if (existsSync(scripts)) {
  for (const name of readdirSync(scripts).filter((file) => file.endsWith(".js"))) {
    cpSync(join(scripts, name), join(target, name));
  }
}

cpSync(join(modules, "echarts", "dist", "echarts.min.js"), join(target, "echarts.min.js"));
cpSync(join(modules, "@alpinejs", "csp", "dist", "cdn.min.js"), join(target, "alpine.min.js"));

const names = readFileSync(join(source, "icons.txt"), "utf8")
  .split("\n")
  .map((line) => line.replace(/#.*/, "").trim())
  .filter(Boolean);
const lucide = JSON.parse(
  readFileSync(join(modules, "@iconify-json", "lucide", "icons.json"), "utf8"),
);
const inherited = / (fill="none"|stroke="currentColor"|stroke-(linecap|linejoin)="round"|stroke-width="2")/g;
const symbols = [...new Set(names)].sort().map((name) => {
  const icon = lucide.icons[name] ?? lucide.icons[lucide.aliases[name]?.parent];
  if (!icon) fail(`static/src/icons.txt names "${name}", which Lucide does not have`);
  return (
    `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
    `stroke-linecap="round" stroke-linejoin="round">${icon.body.replace(inherited, "")}</symbol>`
  );
});
writeFileSync(
  join(target, "icons.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`,
);
