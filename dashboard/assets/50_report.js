// Pages whose body the server words as a whole: one request per tick, answered with the body if it changed.
(function (lvd, callbacks) {
    "use strict";

    const PAGE = "report-page";
    // What the page asks, `{route, view, app_names}`; null before the first such page.
    let page = null;
    let tag = "";
    // Waits until what was opened or closed is drawn.
    let drawn = null;

    callbacks.reportOpened = (start) => {
        page = {...start, view: {...start.view}};
        lvd.mounted(PAGE);
        lvd.keepsViews({id: PAGE, describe: describe, show: show});
        restart();
        return page.view;
    };

    callbacks.reportApp = (app) => {
        if (page && page.view.app_id !== Number(app)) choose({app_id: Number(app), event: ""});
    };

    callbacks.reportRange = (range) => { if (page && page.view.range_key !== range) choose({range_key: range}); };

    function choose(change) {
        if (!document.getElementById(PAGE)) return;
        Object.assign(page.view, change);
        restart();
    }

    function restart() {
        tag = "";
        if (appName()) lvd.tellApp(appName());
        lvd.noteView();
        poller.restart();
    }

    const poller = lvd.poller(PAGE, () => ({
        route: page.route,
        // The event is opened beside the others.
        of: [page.view.app_id, page.view.range_key],
        body: {...page.view, tag: tag},
        apply: (answer) => {
            tag = answer.tag;
            if (answer.body) draw(answer.body);
        },
    }), {empty: () => draw([lvd.LOADING])});

    const draw = (body) => window.dash_clientside.set_props("report-data", {data: body});

    // "": the page is of no app, and its view is always the same.
    const appName = () => (page.app_names || {})[page.view.app_id] || "";

    function describe() {
        const {app_id, range_key, event} = page.view;
        if (!appName()) return {query: new URLSearchParams(), controls: {}, rest: {}};
        const query = new URLSearchParams({app: appName(), range: range_key});
        if (event) query.set("name", event);
        return {query: query, controls: {"report-app": String(app_id), "report-range": range_key}, rest: page.view};
    }

    // An earlier view, as `describe` gave it.
    function show(view) {
        if (view.event !== page.view.event) follow(view.event, view.event || page.view.event);
        choose(view);
    }

    // The keyboard goes to what is opened, and back to its button when it is closed (`name` is "" then). The
    // body is drawn some time after the answer came.
    function follow(name, button) {
        if (drawn) drawn.disconnect();
        drawn = new MutationObserver(() => { if (went(name, button)) drawn.disconnect(); });
        if (went(name, button)) return;
        const body = document.getElementById("report-body");
        drawn.observe(body, {childList: true, subtree: true, attributes: true, attributeFilter: ["data-lvd-opened"]});
    }

    function went(name, button) {
        const opened = document.querySelector("[data-lvd-opened]");
        if ((opened ? opened.dataset.lvdOpened : "") !== name) return false;
        const target = opened || document.querySelector(`[data-lvd-event="${CSS.escape(button)}"]`);
        if (target) target.focus();
        return true;
    }

    document.addEventListener("click", (event) => {
        const chooser = event.target.closest("[data-lvd-event]");
        if (chooser && page) {
            const name = chooser.dataset.lvdEvent;
            follow(name, name || page.view.event);
            choose({event: name});
            return;
        }
        const copier = event.target.closest("[data-lvd-copies]");
        if (copier) copy(copier, document.getElementById(copier.dataset.lvdCopies));
    });

    // Without a secure address there is no clipboard: then the text is selected for the viewer to copy.
    async function copy(button, text) {
        try {
            await navigator.clipboard.writeText(text.textContent);
            lvd.tellOn(button, "Copied");
        } catch {
            getSelection().selectAllChildren(text);
            lvd.tellOn(button, "Selected: press Ctrl+C");
        }
    }
})(window.lvd, window.dash_clientside.lvd);
