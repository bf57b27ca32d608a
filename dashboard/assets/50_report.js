// Pages whose body the server words as a whole: one request per tick, answered with the body if it changed.
(function (lvd, callbacks) {
    "use strict";

    const PAGE = "report-page";
    // What the page asks, `{route, view, app_names}`; null before the first such page.
    let page = null;
    let tag = "";
    let flight = null;
    let failures = 0;
    let notBefore = 0;
    let awaySince = null;
    // What is shown is of this page's element, app and range; null: nothing is.
    let answered = null;
    const LOADING = {type: "P", namespace: "dash_html_components", props: {children: "loading…", className: "lvd-dimmed"}};
    // Waits until what was opened or closed is drawn.
    let drawn = null;

    const set = (id, props) => { if (document.getElementById(id)) window.dash_clientside.set_props(id, props); };

    // What may not stay for another: an app's figures under the name of another app.
    const asked = () => [document.getElementById(PAGE), page.view.app_id, page.view.range_key];
    const isShown = () => answered !== null && asked().every((part, place) => part === answered[place]);

    callbacks.reportOpened = (start) => {
        page = {...start, view: {...start.view}};
        failures = 0;
        lvd.keepsViews({id: PAGE, describe: describe, show: show});
        restart();
        return page.view;
    };

    callbacks.reportTick = () => { if (page && Date.now() >= notBefore) ask(); };

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
        if (flight) flight.abort();
        flight = null;
        tag = "";
        notBefore = 0;
        if (appName()) lvd.cookie("lvd_app", appName());
        lvd.noteView();
        ask();
    }

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

    async function ask() {
        if (flight || !document.getElementById(PAGE)) return;
        const mine = (flight = new AbortController());
        try {
            const answer = await lvd.post(page.route, {...page.view, tag: tag}, mine.signal);
            if (mine.signal.aborted || !document.getElementById(PAGE)) return;
            reached();
            tag = answer.tag;
            if (answer.body) window.dash_clientside.set_props("report-data", {data: answer.body});
        } catch (error) {
            if (!mine.signal.aborted) failed(error);
        } finally {
            if (flight === mine) flight = null;
        }
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

    function reached() {
        failures = 0;
        notBefore = 0;
        awaySince = null;
        answered = asked();
        set("report-banner", {hidden: true});
    }

    function failed(error) {
        failures += 1;
        notBefore = Date.now() + lvd.backoff(failures);
        awaySince = awaySince || new Date();
        const since = error.code === "database_unavailable"
            ? error.message : `${lvd.capital(error.message)}, since ${awaySince.toTimeString().slice(0, 8)}`;
        if (answered && !isShown()) {
            answered = null;
            set("report-data", {data: [LOADING]});
        }
        set("report-banner-head", {children: lvd.bannerHead(isShown())});
        set("report-banner-text", {children: `${since}. Trying again by itself.`});
        set("report-banner", {hidden: false});
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
        const before = button.textContent;
        try {
            await navigator.clipboard.writeText(text.textContent);
            button.textContent = "Copied";
        } catch {
            getSelection().selectAllChildren(text);
            button.textContent = "Selected: press Ctrl+C";
        }
        setTimeout(() => { button.textContent = before; }, 2000);
    }
})(window.lvd, window.dash_clientside.lvd);
