"""Chromium without a window, and what a person would notice on a page: errors, requests, names, contrast."""
import json
import os
import shutil
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from processes import wait_until

# Texts with less contrast than WCAG's AA asks for, controls without a name, pictures without words, several first
# headings: a small part of what axe looks for, without a download.
CHECKS = """
const rgb = (text) => {
  const canvas = document.createElement("canvas"); canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", {willReadFrequently: true});
  context.fillStyle = text; context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
};
const known = new Map();
const colour = (text) => { if (!known.has(text)) known.set(text, rgb(text)); return known.get(text); };
const behind = (node) => {
  for (let each = node; each; each = each.parentElement) {
    const found = colour(getComputedStyle(each).backgroundColor);
    if (found[3] === 255) return found;
  }
  return [255, 255, 255, 255];
};
const light = ([r, g, b]) => [r, g, b].map((value) => value / 255)
  .map((value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
  .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
const contrast = (a, b) => { const [high, low] = [light(a), light(b)].sort((x, y) => y - x); return (high + 0.05) / (low + 0.05); };
const findings = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let texts = 0;
while (walker.nextNode()) {
  const node = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !node.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
  if (["OPTION", "NOSCRIPT", "TITLE"].includes(node.tagName)) continue;
  const style = getComputedStyle(node);
  const text = colour(node.closest("svg") ? style.fill : style.color);
  texts += 1;
  const ratio = contrast(text, behind(node));
  if (ratio < 4.5) findings.push(`contrast ${ratio.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 40)}`);
}
const name = (node) => node.getAttribute("aria-label") || node.innerText?.trim() || node.labels?.[0]?.innerText || node.title
  || [...(node.getAttribute("aria-labelledby") ?? "").split(" ")].map((id) => document.getElementById(id)?.innerText ?? "").join("");
for (const node of document.querySelectorAll("a, button, input, select, textarea, [tabindex='0'], [role=img], [role=tree]")) {
  if (node.checkVisibility() && !name(node)) findings.push(`no name: ${node.outerHTML.slice(0, 80)}`);
}
for (const node of document.querySelectorAll("img:not([alt])")) findings.push(`no words: ${node.outerHTML.slice(0, 80)}`);
for (const node of document.querySelectorAll("svg.chart, svg.spark")) {
  if (!node.getAttribute("aria-label")) findings.push("a drawing without words");
}
for (const cell of document.querySelectorAll("thead th:not([scope])")) findings.push(`no scope: ${cell.innerText}`);
const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
if (new Set(ids).size !== ids.length) findings.push("an id stands there twice");
if (!document.documentElement.lang) findings.push("the page does not say its language");
const heads = [...document.querySelectorAll("h1")].filter((node) => node.checkVisibility()).length;
if (heads !== 1) findings.push(`${heads} first headings`);
if (document.documentElement.scrollWidth > innerWidth) findings.push(`wider than the window: ${document.documentElement.scrollWidth}`);
return {texts, findings};
"""


class Browser:
    """One tab. `base` is the page's address; nothing else may be asked for."""

    def __init__(self, base):
        self.base = base
        self.folder = tempfile.mkdtemp(prefix="roost-browser-", dir="/tmp")
        options = Options()
        options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
        words = ["--headless=new", "--window-size=1280,900", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
                 f"--user-data-dir={self.folder}"]
        # Chromium refuses to make its sandbox as root.
        for word in words + (["--no-sandbox"] if os.geteuid() == 0 else []):
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        # Named, so that selenium looks for none in the network.
        driver = shutil.which("chromedriver") or "chromedriver"
        self.driver = webdriver.Chrome(options=options, service=Service(driver))
        self.asked = set()
        self.said = []
        self.driver.execute_cdp_cmd("Browser.grantPermissions", {
            "origin": base, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.driver.quit()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def open(self, path):
        """Opens a view and waits until it has drawn what it asked for."""
        self.driver.get(self.base + path)
        self.drawn()

    def drawn(self):
        wait_until(lambda: int(self.run("return document.getElementById('main')?.dataset.drawn ?? 0")) > 0, 10,
                   f"{self.run('return location.href')} to be drawn")

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def text(self, selector="main"):
        """What a person reads; empty while it is not there."""
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])].map((node) => node.innerText)", selector)

    def shows(self, text, selector="main", seconds=10):
        wait_until(lambda: text in self.text(selector), seconds, f"the page to show {text!r} in {selector}")

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def keys(self, *keys):
        """Types at whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def address(self):
        return self.run("return location.pathname + location.search")

    def clipboard(self):
        return self.driver.execute_async_script(
            "const done = arguments[0]; navigator.clipboard.readText().then(done, (error) => done(String(error)))")

    def size(self, width, height=900):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def dark(self, isDark):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if isDark else "light"}]})

    def check(self):
        """What people who see little or use no mouse would stumble over."""
        found = self.run(CHECKS)
        assert found["texts"] > 5, "there is hardly any text on the page"
        assert not found["findings"], f"{self.address()}: {found['findings']}"

    def gather(self):
        """Notes what was asked for and said since the last time."""
        self.said += [entry for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.asked.add(message["params"]["request"]["url"])
