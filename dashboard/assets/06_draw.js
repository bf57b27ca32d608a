// Draws html components that the server sends, as plain elements. Dash itself takes seconds for a table of a
// thousand of them, this milliseconds. What is there is changed in place: nothing flickers, the focus stays.
(function (lvd) {
    "use strict";

    const NAMES = {className: "class", tabIndex: "tabindex", colSpan: "colspan"};
    const PLAIN = new Set(["alt", "class", "colspan", "hidden", "href", "id", "role", "scope", "src", "tabindex", "title", "type"]);
    // Addresses lead to pages of this dashboard, images are part of the answer.
    const OWN = {href: /^\/(?!\/)/, src: /^data:image\/svg\+xml;base64,/};

    const mayHave = (name, value) =>
        (PLAIN.has(name) || /^(aria|data)-[a-z-]+$/.test(name)) && (!OWN[name] || OWN[name].test(value));

    // The traces keep their looks, which the layout brought; only their data change. Without bars axes would tell of
    // a time that nobody asked for, and of numbers that nobody counted.
    lvd.bars = (chart, {data, layout}) => {
        const visible = chart.x.length > 0;
        return {
            data: data.map((trace, index) => ({...trace, x: chart.x, y: chart.y[index], width: chart.width})),
            layout: {...layout, xaxis: {...layout.xaxis, visible}, yaxis: {...layout.yaxis, ...scaleOf(chart), visible}},
        };
    };

    // Of a few events Plotly's own scale has halves; of more its steps are whole ones.
    const FEW = 4;
    function scaleOf(chart) {
        const isHigh = chart.x.some((_, bar) => chart.y.reduce((sum, counts) => sum + counts[bar], 0) > FEW);
        return isHigh ? {tickmode: "auto", dtick: null} : {tickmode: "linear", dtick: 1};
    }

    // What stands where nothing is known yet.
    lvd.LOADING = {type: "P", namespace: "dash_html_components", props: {children: "loading…", className: "lvd-dimmed"}};

    // The place must have no content of Dash's own.
    lvd.draw = (id, components) => {
        const place = document.getElementById(id);
        if (!place) return;
        place.dataset.lvdDrawn = "";
        fill(place, components);
    };

    function fill(parent, content) {
        const wanted = content == null ? [] : [].concat(content);
        const known = new Map();
        for (const node of parent.children) if (node.dataset.lvdKey) known.set(node.dataset.lvdKey, node);
        wanted.forEach((component, place) => {
            const there = parent.childNodes[place];
            const key = keyOf(component);
            const node = drawn(key ? known.get(key) : there, component);
            if (node !== there) parent.insertBefore(node, there || null);
        });
        while (parent.childNodes.length > wanted.length) parent.lastChild.remove();
    }

    const keyOf = (component) => (component && component.props ? component.props["data-lvd-key"] : undefined);

    // `old` made into what is wanted if it can be, else a new node.
    function drawn(old, component) {
        if (component === null || typeof component !== "object") return text(old, String(component ?? ""));
        if (component.namespace !== "dash_html_components") throw new Error(`cannot draw a ${component.type}`);
        const tag = component.type.toLowerCase();
        const fits = old && old.localName === tag && old.dataset.lvdKey === keyOf(component);
        const node = fits ? old : document.createElement(tag);
        describe(node, component.props);
        fill(node, component.props.children);
        return node;
    }

    function text(old, content) {
        if (!old || old.nodeType !== Node.TEXT_NODE) return document.createTextNode(content);
        if (old.data !== content) old.data = content;
        return old;
    }

    function describe(node, props) {
        const wanted = new Map();
        for (const [prop, value] of Object.entries(props)) {
            const name = NAMES[prop] || prop;
            if (value != null && value !== false && mayHave(name, value)) wanted.set(name, value === true ? "" : String(value));
        }
        for (const name of node.getAttributeNames()) if (!wanted.has(name)) node.removeAttribute(name);
        for (const [name, value] of wanted) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
    }

    // Links open pages as those of the header do, without loading everything anew.
    document.addEventListener("click", (event) => {
        const link = event.target.closest("[data-lvd-drawn] a[href]");
        const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
        // A download is no page.
        if (!link || !plain || event.defaultPrevented || link.dataset.lvdDownload) return;
        event.preventDefault();
        history.pushState({}, "", link.getAttribute("href"));
        window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
        window.scrollTo(0, 0);
    });
})(window.lvd);
