// The page Explore: its view, its address, and what is shown beside the rows.
(function (lvd, callbacks) {
    "use strict";

    const PAGE = "explore-page";
    // Changes of several controls at once are asked for once, in milliseconds.
    const TOGETHER = 40;
    // Controls of which the value comes about by and by.
    const GRADUAL = ["explore-last-number", "explore-from", "explore-to"];
    // Between two questions whether the database is there, in milliseconds: nothing else is asked by itself.
    const WATCH = 2000;

    const explore = (lvd.explore = {view: null, labels: {}, offered: {}});
    let appName = "";
    // Values of the controls by their ids, as the view has them.
    let controls = {};
    let waiting = null;
    let aborter = new AbortController();
    // The range in sight, once it was told, and which one it is `of`.
    let shown = null;
    // What stands beside the rows is of this view, in a text; null: nothing stands there yet.
    let summarised = null;
    // Waits for an answer that comes soon.
    let emptying = null;

    explore.isOpen = () => document.getElementById(PAGE) !== null;

    const inWords = (view) => JSON.stringify({...view, order: null});
    const rangeOf = ({app_id, range_key, start, end}) => JSON.stringify([app_id, range_key, start, end]);

    const set = (id, props) => window.dash_clientside.set_props(id, props);

    callbacks.exploreChanged = (app, range, number, unit, from, to, order, start, apps) => {
        const before = lvd.mounted(PAGE) ? explore.view : null;
        if (!before) lvd.takeRange();
        const kept = before && before.app_id === Number(app) ? before : before ? {values: {}, unwanted: {}, where: []} : start;
        const custom = range === "custom";
        if (custom && before && before.range_key !== range && lvd.calledBy("explore-range.value")) {
            const seen = inSight();
            if (seen.start) {
                chooseRange(new Date(seen.start), new Date(seen.end));
                return window.dash_clientside.no_update;
            }
        }
        const view = {
            app_id: Number(app),
            range_key: range === "last" ? `${number || 1}${unit}` : range,
            start: custom ? lvd.instant(from, "from") : null,
            end: custom ? lvd.instant(to, "to") : null,
            values: kept.values, unwanted: kept.unwanted, where: kept.where,
            order: order,
        };
        explore.labels = start.labels;
        appName = (apps || {})[app] || "";
        lvd.tellApp(appName);
        lvd.props("explore-custom", {hidden: !custom});
        lvd.props("explore-last", {hidden: range !== "last"});
        explore.view = lvd.view = view;
        controls = {
            "explore-app": app, "explore-range": range, "explore-last-number": number, "explore-last-unit": unit,
            "explore-from": from, "explore-to": to, "explore-order": order,
        };
        if (!before) {
            shown = summarised = null;
            keep();
            explore.forgetShape();
            lvd.keepsViews({id: PAGE, appId: () => explore.view.app_id, find: find, describe: describe, show: show});
            if (start.faults.length) lvd.notice(start.faults.join(" "));
            explore.drawFilters();
        }
        explore.changed(GRADUAL.find((id) => lvd.calledBy(`${id}.value`)));
        return view;
    };

    // The view is another one: its address, its rows and what stands beside them. See lvd.noteView for causes.
    explore.changed = (cause) => {
        lvd.noteView(cause);
        clearTimeout(waiting);
        waiting = setTimeout(() => { if (explore.isOpen()) reload(); }, TOGETHER);
    };

    function reload() {
        explore.grid.reset();
        summarise();
    }

    const filtersOf = ({app_id, values, unwanted, where}) => ({app_id, values, unwanted, where});

    // An earlier view's filters, as `describe` gave them.
    function show(filters) {
        explore.view = lvd.view = {...explore.view, ...filters};
        explore.drawFilters();
    }

    function describe() {
        const view = explore.view;
        const query = new URLSearchParams({app: appName, range: view.range_key});
        if (view.start) query.set("from", view.start);
        if (view.end) query.set("to", view.end);
        for (const [field, values] of Object.entries(view.values)) values.forEach((value) => query.append(field, value));
        for (const [field, values] of Object.entries(view.unwanted)) {
            values.forEach((value) => query.append(`${field}_not`, value));
        }
        view.where.forEach((text) => query.append("where", text));
        if (view.order !== "newest") query.set("order", view.order);
        return {query: query, controls: controls, rest: filtersOf(view)};
    }

    // Lists what is given of names, statuses, subject and run, and nothing else.
    function find({names, statuses, subject, run}) {
        const wanted = {name: names, status: statuses, subject: subject && [subject], run: run && [run]};
        const values = Object.fromEntries(Object.entries(wanted).filter(([, each]) => each && each.length));
        Object.assign(explore.view, {values: values, unwanted: {}, where: []});
        lvd.drawer.close();
        explore.held();
    }

    // Questions that are asked again and again; the banner stands as long as there are any.
    const unanswered = new Set();
    // When the first of them was asked; null: there are none.
    let awaySince = null;

    // Asks until it is answered, unless the view changes meanwhile.
    explore.ask = async (route, body, signal) => {
        const mine = {};
        const asked = new Date();
        try {
            for (let tries = 1; ; tries += 1) {
                try {
                    return await lvd.post(route, body, signal);
                } catch (error) {
                    if (signal.aborted || (error.status >= 400 && error.status < 500)) throw error;
                    if (!explore.isOpen()) throw error;
                    unanswered.add(mine);
                    awaySince = awaySince || asked;
                    lvd.banner(explore.grid.token() !== null, error, awaySince);
                    await lvd.sleep(lvd.backoff(tries), signal);
                    if (signal.aborted) throw error;
                }
            }
        } finally {
            unanswered.delete(mine);
            // Whoever asks for another view meanwhile did not bring the server back.
            if (!unanswered.size && !signal.aborted) {
                awaySince = null;
                if (explore.isOpen()) lvd.props("banner", {hidden: true});
            }
        }
    };

    // What is shown is of the past and stays; but whoever reads it learns that no more can be asked now.
    let watching = false;
    setInterval(async () => {
        if (watching || !explore.isOpen() || !explore.view) return;
        watching = true;
        try {
            await explore.ask("/api/explore/alive", {app_id: explore.view.app_id}, aborter.signal);
        } catch (error) {
            // The view changed meanwhile, or its app is gone: what it asks itself is told.
            if (!(error instanceof lvd.RequestError) && error.name !== "AbortError") throw error;
        } finally {
            watching = false;
        }
    }, WATCH);

    async function summarise() {
        aborter.abort();
        const mine = (aborter = new AbortController());
        const [range, view] = [rangeOf(explore.view), inWords(explore.view)];
        if (summarised === null || summarised === view) keep();
        else if (!emptying) emptying = setTimeout(empty, lvd.SOON);
        try {
            const answer = await explore.ask("/api/explore", {view: explore.view}, mine.signal);
            if (mine.signal.aborted || !explore.isOpen()) return;
            explore.refused("");
            shown = {...answer.seen, of: range};
            keep();
            summarised = view;
            summary(answer);
        } catch (error) {
            if (mine.signal.aborted || !explore.isOpen()) return;
            empty();
            summarised = view;
            explore.refused(error.message);
        }
    }

    function keep() {
        clearTimeout(emptying);
        emptying = null;
    }

    // What stands beside the rows is of another view.
    function empty() {
        keep();
        summarised = null;
        if (!explore.isOpen()) return;
        explore.refused("");
        lvd.props("explore-span", {children: ""});
        lvd.props("explore-chart-note", {children: ""});
        lvd.props("explore-chart-data", {data: {x: [], y: [], starts: [], ends: []}});
        lvd.props("empty-app", {hidden: true});
        lvd.props("explore-body", {hidden: false});
    }

    // Why the view cannot be shown; "" if it can.
    explore.refused = (why) => {
        lvd.props("explore-problem", {
            children: why && `Nothing is shown: ${why}. Change or remove the filter or the range.`, hidden: !why,
        });
    };

    function summary(answer) {
        explore.offered = answer.offered;
        lvd.props("explore-span", {children: [answer.range, answer.bar].filter(Boolean).join(" · ")});
        lvd.props("explore-zone", {children: answer.zone});
        lvd.props("explore-chart-note", {children: answer.note});
        lvd.props("empty-app-command", {children: answer.empty});
        lvd.props("empty-app", {hidden: !answer.empty});
        lvd.props("explore-body", {hidden: Boolean(answer.empty)});
        lvd.props("explore-chart-data", {data: answer.chart});
        explore.offer();
        explore.drawFilters();
    }

    callbacks.drawExploreChart = (chart, figure) => {
        if (!chart) return window.dash_clientside.no_update;
        const {data, layout} = lvd.bars(chart, figure);
        // Another view's bars: a zoom of those before does not hold for them.
        const xaxis = {...layout.xaxis, autorange: true};
        delete xaxis.range;
        return {data: data, layout: {...layout, xaxis: xaxis, uirevision: `${chart.starts[0]} ${Date.now()}`}};
    };

    // What is drawn over bars becomes the range, in whole bars.
    callbacks.exploreBrushed = (moved, chart) => {
        const [low, high] = [moved && moved["xaxis.range[0]"], moved && moved["xaxis.range[1]"]];
        if (low === undefined || high === undefined || !chart || !chart.x.length) return;
        const at = (text) => new Date(String(text).replace(" ", "T")).getTime();
        const bars = chart.x.map(at);
        const first = Math.max(bars.findLastIndex((bar) => bar <= at(low)), 0);
        const last = Math.max(bars.findLastIndex((bar) => bar < at(high)), first);
        chooseRange(new Date(chart.starts[first]), new Date(chart.ends[last]));
    };

    function chooseRange(start, end) {
        set("explore-from", {value: lvd.local(start, "from")});
        set("explore-to", {value: lvd.local(end, "to")});
        set("explore-range", {value: "custom"});
    }

    // The range in sight, as it was told, else as it was chosen; without a start: nobody knows it yet. One that ends
    // before it begins is refused, and the one before it stays.
    function inSight() {
        const {range_key, start, end} = explore.view;
        if (shown && shown.of === rangeOf(explore.view)) return shown;
        if (range_key !== "custom") return lvd.lately(range_key);
        const chosen = {start: start, end: end || new Date()};
        const isRange = start && new Date(start) < new Date(chosen.end);
        return isRange ? chosen : shown || {start: null, end: null};
    }

    // That range moved by so many of its lengths, and made so many times as long; never into the future.
    function change(moved, times) {
        const seen = inSight();
        if (!seen.start) return;
        const [start, end] = [new Date(seen.start).getTime(), new Date(seen.end).getTime()];
        const middle = (start + end) / 2 + moved * (end - start);
        const half = ((end - start) / 2) * times;
        const latest = Math.min(middle + half, Math.max(Date.now(), end));
        const [from, to] = [Math.max(middle - half, 0), Math.ceil(latest / 60000) * 60000];
        if (from < to) chooseRange(new Date(from), new Date(to));
    }

    callbacks.exploreEarlier = () => change(-1, 1);
    callbacks.exploreLater = () => change(1, 1);
    callbacks.exploreWider = () => change(0, 2);
    callbacks.exploreReload = () => {
        explore.grid.renew();
        summarise();
    };

    callbacks.exploreEverything = () => {
        Object.assign(explore.view, {values: {}, unwanted: {}, where: []});
        explore.held();
        set("explore-range", {value: "all"});
    };
})(window.lvd, window.dash_clientside.lvd);
