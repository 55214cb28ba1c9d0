#include "CDashboardPage.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

// Each file of the page becomes bytes of the binary; a new one gets an array and a row.

static const unsigned char index_html[] = {
#embed "index.html"
};
static const unsigned char icon_svg[] = {
#embed "icon.svg"
};
static const unsigned char style_css[] = {
#embed "style.css"
};
#define SCRIPT(name) static const unsigned char name##_js[]
SCRIPT(app) = {
#embed "scripts/app.js"
};
SCRIPT(api) = {
#embed "scripts/api.js"
};
SCRIPT(dom) = {
#embed "scripts/dom.js"
};
SCRIPT(visible) = {
#embed "scripts/visible.js"
};
SCRIPT(signs) = {
#embed "scripts/signs.js"
};
SCRIPT(format) = {
#embed "scripts/format.js"
};
SCRIPT(range) = {
#embed "scripts/range.js"
};
SCRIPT(charts) = {
#embed "scripts/charts.js"
};
SCRIPT(scatter) = {
#embed "scripts/scatter.js"
};
SCRIPT(services) = {
#embed "scripts/services.js"
};
SCRIPT(service) = {
#embed "scripts/service.js"
};
SCRIPT(traces) = {
#embed "scripts/traces.js"
};
SCRIPT(trace) = {
#embed "scripts/trace.js"
};
SCRIPT(waterfall) = {
#embed "scripts/waterfall.js"
};
SCRIPT(flame) = {
#embed "scripts/flame.js"
};
SCRIPT(lanes) = {
#embed "scripts/lanes.js"
};
SCRIPT(details) = {
#embed "scripts/details.js"
};
SCRIPT(tree) = {
#embed "scripts/tree.js"
};
SCRIPT(setup) = {
#embed "scripts/setup.js"
};

#define FILE_ROW(name, media_type, bytes) {name, media_type, bytes, sizeof bytes}
#define SCRIPT_ROW(name) FILE_ROW("assets/" #name ".js", "text/javascript; charset=utf-8", name##_js)

static const struct roost_page_file files[] = {
    FILE_ROW("index.html", "text/html; charset=utf-8", index_html),
    FILE_ROW("assets/icon.svg", "image/svg+xml", icon_svg),
    FILE_ROW("assets/style.css", "text/css; charset=utf-8", style_css),
    SCRIPT_ROW(app),
    SCRIPT_ROW(api),
    SCRIPT_ROW(dom),
    SCRIPT_ROW(visible),
    SCRIPT_ROW(signs),
    SCRIPT_ROW(format),
    SCRIPT_ROW(range),
    SCRIPT_ROW(charts),
    SCRIPT_ROW(scatter),
    SCRIPT_ROW(services),
    SCRIPT_ROW(service),
    SCRIPT_ROW(traces),
    SCRIPT_ROW(trace),
    SCRIPT_ROW(waterfall),
    SCRIPT_ROW(flame),
    SCRIPT_ROW(lanes),
    SCRIPT_ROW(details),
    SCRIPT_ROW(tree),
    SCRIPT_ROW(setup),
};

const struct roost_page_file *roost_page_file_at(size_t place) {
  return place < sizeof files / sizeof files[0] ? &files[place] : NULL;
}
