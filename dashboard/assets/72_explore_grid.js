// The rows of the page Explore: a frozen view. Where its rows have numbers, any block is asked for by its
// distance from the first row; else blocks follow each other, each behind the last row of the one before.
(function (lvd, callbacks) {
    "use strict";

    const explore = lvd.explore;
    const grid = (explore.grid = {});
    // Most rows without numbers that are kept: further ones are for exports.
    const MOST_KEPT = 20000;

    let api = null;
    let aborter = new AbortController();
    // The view in sight: its token, its number of rows (null: it has no row numbers) and the first block's rows;
    // of views without numbers the rows so far, the place behind them, and whether the search goes on. And the row
    // to begin at.
    let view = fresh();
    // The view that is to come in its place once its first rows are here; null: none is asked for.
    let renewing = null;

    function fresh(token = null, next = null) {
        return {
            token: token, total: null, head: null, base: 0, counted: null,
            kept: [], next: next, ended: false, stopped: false, reading: null, opening: null, goal: null,
        };
    }

    const seen = new WeakSet();
    callbacks.installExploreGrid = (request) => {
        if (!request || seen.has(request.api)) return;
        api = request.api;
        seen.add(api);
        request.failCallback();
        // Of the page before. One that was begun since it was left may have a goal.
        if (view.token) start(fresh());
        api.addEventListener("bodyScroll", describe);
        api.addEventListener("bodyScrollEnd", moveWindow);
        api.addEventListener("modelUpdated", describe);
        api.addEventListener("rowClicked", (event) => lvd.drawer.openEvent(event.data));
        api.addEventListener("cellKeyDown", (event) => {
            if (event.event.key === "Enter") lvd.drawer.openEvent(event.data);
        });
        api.addEventListener("gridSizeChanged", fitColumns);
        fitColumns();
        api.setGridOption("datasource", {getRows: load});
    };

    const isAlive = () => Boolean(api && !api.isDestroyed() && explore.isOpen());

    const fitColumns = () => lvd.fitColumns(api, "explore-grid", ["subject", "source"]);

    function start(another) {
        aborter.abort();
        aborter = new AbortController();
        view = another;
        renewing = null;
        lvd.bannerHead(view.token !== null);
        lvd.props("explore-total", {children: "loading…"});
        lvd.props("explore-note", {children: ""});
        lvd.props("explore-empty", {hidden: true});
        lvd.props("explore-search-on", {display: "none"});
    }

    grid.reset = () => begin(fresh());

    // The same view as of now. What is shown stays until its first rows are here: the database may be away.
    grid.renew = async () => {
        if (!isAlive()) return;
        if (!view.token) {
            if (!view.opening) grid.reset();
            return;
        }
        if (renewing) return;
        const mine = fresh();
        const signal = aborter.signal;
        renewing = mine;
        try {
            await open(mine, signal);
            if (renewing === mine && isAlive()) begin(mine);
        } catch (error) {
            if (!signal.aborted && isAlive()) failed(error);
        } finally {
            if (renewing === mine) renewing = null;
        }
    };

    // Null until the first rows came.
    grid.token = () => view.token;

    // What an export is of, once the first rows came. Throws where they do not: another view may be wanted by then.
    grid.opened = async () => {
        const mine = view;
        try {
            await open(mine, aborter.signal);
        } catch (error) {
            throw mine === view ? error : new Error("another view was wanted before its first rows came");
        }
        return mine.token;
    };

    function begin(another) {
        if (!explore.isOpen()) return;
        start(another);
        if (!isAlive()) return;
        if (api.getDisplayedRowCount()) api.ensureIndexVisible(0);
        api.purgeInfiniteCache();
    }

    async function load(block) {
        const mine = view;
        const signal = aborter.signal;
        if (!explore.view) { block.failCallback(); return; }
        try {
            const rows = await rowsOf(mine, block, signal);
            if (mine !== view || !isAlive()) throw new Error("another view");
            block.successCallback(rows, lastRow());
            settled();
            goToGoal();
        } catch (error) {
            block.failCallback();
            if (mine === view && !signal.aborted && isAlive()) failed(error);
        }
    }

    const ask = (mine, more, signal) => explore.ask(
        "/api/explore/rows", {view: explore.view, token: mine.token, limit: lvd.BLOCK, ...more}, signal);

    // Freezes the view with its first rows, once: more than one block may be wanted before they are here.
    async function open(mine, signal) {
        if (mine.token) return;
        mine.opening = mine.opening || freeze(mine, signal);
        try {
            await mine.opening;
        } catch (error) {
            mine.opening = null;
            throw error;
        }
    }

    async function freeze(mine, signal) {
        const answer = await ask(mine, {}, signal);
        Object.assign(mine, {token: answer.token, total: answer.total, head: answer.rows});
        if (mine.total === null) keep(mine, answer);
    }

    async function rowsOf(mine, block, signal) {
        await open(mine, signal);
        if (mine.total === null && !mine.isCounted) {
            mine.isCounted = true;
            count(mine, signal);
        }
        if (mine.total !== null) {
            const offset = mine.base + block.startRow;
            return offset === 0 ? mine.head : (await ask(mine, {offset: offset}, signal)).rows;
        }
        await readTo(mine, block.endRow, signal);
        return mine.kept.slice(block.startRow, block.endRow);
    }

    // Blocks are asked for side by side, rows come one behind the other.
    async function readTo(mine, end, signal) {
        while (mine.kept.length < end && !isAtEnd(mine)) {
            mine.reading = mine.reading || ask(mine, {after: mine.next}, signal)
                .then((answer) => keep(mine, answer))
                .finally(() => { mine.reading = null; });
            await mine.reading;
        }
    }

    const isAtEnd = (mine) => mine.ended || mine.stopped || mine.kept.length >= MOST_KEPT;

    function keep(mine, answer) {
        mine.kept.push(...answer.rows);
        mine.next = answer.after;
        mine.ended = !answer.more;
        mine.stopped = answer.stopped;
        mine.until = answer.until;
    }

    // How many rows there are that no rollup knows, as far as that is told.
    async function count(mine, signal) {
        try {
            mine.counted = await explore.ask("/api/explore/count", {view: explore.view, token: mine.token}, signal);
            if (mine === view) describe();
        } catch (error) {
            if (!signal.aborted) throw error;
        }
    }

    // -1: the grid goes on.
    const lastRow = () => (view.total !== null ? windowRows() : isAtEnd(view) ? view.kept.length : -1);

    function failed(error) {
        if (error.status === 409) {
            lvd.notice("The app's events were replaced (restored, or the app was made anew): this is the new state.");
            setTimeout(grid.reset, 0);
            return;
        }
        explore.refused(error.message);
        lvd.props("explore-total", {children: ""});
    }

    function settled() {
        const found = view.total === null ? view.kept.length : view.total;
        const isOver = view.total !== null || isAtEnd(view);
        lvd.props("explore-empty", {hidden: !(isOver && found === 0 && !view.stopped)});
        const {values, unwanted, where} = explore.view;
        const filtered = Object.keys(values).length || Object.keys(unwanted).length || where.length;
        lvd.props("explore-empty-text", {
            children: filtered ? "No event in this range matches the filters." : "No event in this range.",
        });
        lvd.props("explore-note", {children: told()});
        lvd.props("explore-search-on", {display: view.stopped ? "inline-block" : "none"});
        lvd.props("explore-jump-row", {disabled: view.total === null});
        lvd.props("explore-end", {disabled: view.total === null});
        describe();
    }

    function told() {
        if (view.stopped) return `Searched ${view.until ? `as far as ${view.until}` : "for a while"}; there is more to look through.`;
        if (view.total === null && view.kept.length >= MOST_KEPT) {
            return `The first ${lvd.number(MOST_KEPT)} rows are listed. Narrow the range, go to a time, or export all.`;
        }
        return "";
    }

    const inSight = () => lvd.rowWindow.inSight(api);

    function describe() {
        if (!isAlive() || !view.token) return;
        const {first, last} = inSight();
        const rows = view.total === null ? view.kept.length : windowRows();
        const all = view.total !== null ? lvd.number(view.total)
            : view.ended ? lvd.number(rows) : counted(rows);
        const until = Math.min(last + 1, rows);
        const text = rows ? `Rows ${lvd.number(view.base + first + 1)}–${lvd.number(view.base + until)} of ${all}` : `${all} rows`;
        lvd.props("explore-total", {children: text});
    }

    // Of a view without row numbers, of which so many rows are here.
    const counted = (rows) => (view.counted && view.counted.complete ? lvd.number(view.counted.rows)
        : `at least ${lvd.number(Math.max(rows, view.counted ? view.counted.rows : 0))}`);

    const windowRows = () => lvd.rowWindow.held(api, view);

    function moveWindow() {
        if (!isAlive() || view.total === null) return;
        const sight = inSight();
        if (lvd.rowWindow.isAtEdge(sight, view.base, view.total, windowRows())) goTo(view.base + sight.first);
    }

    function goTo(row) {
        if (!isAlive() || !view.total) return;
        lvd.rowWindow.goTo(api, view, row, () => {});
        describe();
    }

    // Where to go: only the last word counts.
    let jumps = 0;

    callbacks.exploreTop = () => {
        // A list that began at a time begins anew.
        if (view.token && view.total === null) {
            jumps += 1;
            grid.renew();
        } else jumpTo(0);
    };
    callbacks.exploreEnd = () => jumpTo(Infinity);
    callbacks.exploreJumpRow = (_, row) => { if (row) jumpTo(Number(row) - 1); };

    function jumpTo(row) {
        jumps += 1;
        if (renewing) renewing.goal = row;
        view.goal = row;
        if (view.token) goToGoal();
    }

    function goToGoal() {
        if (view.goal !== null) goTo(view.goal);
        view.goal = null;
    }

    // The picker tells of every digit: where they lead may be answered in another order.
    callbacks.exploreJumpTime = async (local) => {
        const at = lvd.instant(local);
        const mine = view;
        const jump = (jumps += 1);
        mine.goal = null;
        if (!at) return;
        const isWanted = () => mine === view && jump === jumps && isAlive();
        try {
            await open(mine, aborter.signal);
            const place = await explore.ask(
                "/api/explore/land", {view: explore.view, token: mine.token, at: at}, aborter.signal);
            if (!isWanted()) return;
            if (place.row === null) begin(fresh(mine.token, place.after));
            else goTo(place.row);
        } catch (error) {
            if (isWanted()) failed(error);
        }
    };

    callbacks.exploreSearchOn = () => {
        view.stopped = false;
        lvd.props("explore-search-on", {display: "none"});
        lvd.props("explore-note", {children: "Searching…"});
        // Its last block is asked for again, and more may follow.
        api.setRowCount(view.kept.length + 1, false);
        api.refreshInfiniteCache();
    };
})(window.lvd, window.dash_clientside.lvd);
