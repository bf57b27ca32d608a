// The event grid: a window onto a frozen view, which moves on with new rows while its top is seen.
(function (lvd, callbacks) {
    "use strict";

    const grid = (lvd.grid = {});
    const state = {
        api: null,
        // Rises when what was asked before has no meaning any more.
        generation: 0,
        // The frozen view in the server's words; null until its first block came.
        token: null,
        total: null,
        // Rows of the view are here.
        begun: false,
        // Number of the row that the grid calls its first.
        base: 0,
        // The view's first rows as last told by the feed: those that are drawn, or all of the first block.
        head: null,
        // Rows below the head were loaded before it moved.
        stale: false,
        // Of views without row numbers: the seqs behind which blocks begin, by their first row, and the number
        // of rows once the end was seen.
        places: new Map(),
        ended: null,
        // Rises when rows moved to other places.
        shift: 0,
        // The row, from 0, to go to once the view is there, or null.
        goal: null,
        // -1: more rows follow than are known.
        scrollable: () => {
            if (state.total !== null) return lvd.rowWindow.held(state.api, state);
            return state.ended === null ? -1 : Math.min(state.ended, lvd.rowWindow.cap(state.api));
        },
        headFills: () => Boolean(state.head) && (state.total === null || state.head.length >= Math.min(lvd.BLOCK, state.total)),
        endsBefore: (start) => state.ended !== null && state.ended <= start,
        passed: passed,
        frozen: frozen,
        received: received,
        replaced: replaced,
    };

    const inSight = () => lvd.rowWindow.inSight(state.api);

    const seen = new WeakSet();
    callbacks.installGrid = (request) => {
        if (!request || seen.has(request.api)) return;
        const api = (state.api = request.api);
        seen.add(api);
        request.failCallback();
        forget();
        api.addEventListener("bodyScroll", scrolled);
        api.addEventListener("bodyScrollEnd", scrollEnded);
        api.addEventListener("modelUpdated", describe);
        api.addEventListener("cellClicked", (event) => {
            const subject = event.column.getColId() === "subject" && event.data && event.data.follow;
            if (subject) lvd.find({subject: subject});
            else lvd.drawer.openEvent(event.data);
        });
        api.addEventListener("cellKeyDown", (event) => {
            if (event.event.key === "Enter") lvd.drawer.openEvent(event.data);
        });
        api.addEventListener("gridSizeChanged", fitColumns);
        api.addEventListener("viewportChanged", drawnAnew);
        fitColumns();
        api.setGridOption("datasource", lvd.gridSource.datasource(state));
    };

    const fitColumns = () => lvd.fitColumns(state.api, "event-grid", ["source"]);

    // A grid that grew draws rows that the feed did not tell.
    function drawnAnew({lastRow}) {
        if (state.stale && state.head && lastRow >= state.head.length) renew();
    }

    function forget() {
        state.generation += 1;
        lvd.gridSource.abort();
        Object.assign(state, {token: null, total: null, begun: false, base: 0, head: null, stale: false, ended: null});
        forgetPlaces();
        lvd.pause.counted({fresh: 0});
        lvd.props("grid-total", {children: "loading…"});
        lvd.props("new-rows", {hidden: true});
        lvd.props("grid-empty", {hidden: true});
    }

    function forgetPlaces() {
        state.shift += 1;
        state.places.clear();
    }

    function passed(start, answer) {
        const end = start + answer.rows.length;
        if (answer.next === null) state.ended = end;
        else state.places.set(end, answer.next);
    }

    // A new view of what the controls say now.
    grid.reset = (goal = null) => {
        state.goal = goal;
        if (!isAlive()) {
            // A page that was opened anew, before its grid: the feed must not ask with what the last one held.
            state.token = null;
            state.begun = false;
            state.generation += 1;
            return;
        }
        forget();
        if (state.api.getDisplayedRowCount()) state.api.ensureIndexVisible(0);
        state.api.purgeInfiniteCache();
    };

    function frozen(answer) {
        state.token = answer.token;
        state.total = answer.total;
        lvd.props("jumps", {hidden: state.total === null});
    }

    function received(block, answer) {
        if (!state.token) frozen(answer);
        if (state.base === 0 && block.startRow === 0) state.head = answer.rows;
        block.successCallback(answer.rows, state.scrollable());
        if (!state.begun) begin();
        describe();
    }

    function begin() {
        state.begun = true;
        // The feed may have told of later rows while there was no view to add them to.
        lvd.feed.forget();
        goToGoal();
        showEmpty();
    }

    function replaced() {
        lvd.notice("The app's events were replaced (restored, or the app was made anew): this is the new state.");
        setTimeout(grid.reset, 0);
    }

    // What the feed asks with.
    grid.held = () => ({token: state.token, live: isLive(), drawn: drawn(), generation: state.generation});

    // False from the page's end until the next one's grid is there.
    const isAlive = () => Boolean(state.api && !state.api.isDestroyed());

    // Rows from the top that the grid draws. Those of views without row numbers come by whole blocks.
    const drawn = () => (isAlive() && state.total !== null ? Math.min(lvd.rowWindow.drawn(state.api), lvd.BLOCK) : lvd.BLOCK);

    const isLive = () => Boolean(
        isAlive() && state.token && !lvd.pause.is() && state.base === 0 && lvd.view.order === "newest" && lvd.view.tab === "events"
        && state.api.getVerticalPixelRange().top < 1);

    // What came since: rows to go on with at the top, else their number.
    grid.news = (news, generation) => {
        // The rows moved or were scrolled away while the answer was under way: the next one tells it anew.
        if (generation !== state.generation) lvd.feed.forget();
        else if (news.gap) replaced();
        else if ("fresh" in news) offer(news);
        else if (isLive()) follow(news);
        else lvd.feed.forget();
    };

    function offer(news) {
        const where = lvd.view.order === "newest" ? "↑" : "↓";
        lvd.props("new-rows", {children: `${where} ${news.fresh_text} new`, hidden: news.fresh === 0});
        lvd.pause.counted(news);
    }

    function follow(news) {
        const wasEmpty = state.total === 0 || state.ended === 0;
        state.token = news.token;
        state.total = news.total;
        if (wasEmpty || !state.head) { if (news.rows.length) grid.reset(); return; }
        lvd.props("new-rows", {children: "", hidden: true});
        if (state.total !== null) state.api.setRowCount(state.scrollable(), true);
        if (!news.rows.length) { describe(); return; }
        state.head = news.whole ? news.rows : news.rows.concat(state.head).slice(0, lvd.BLOCK);
        if (state.total === null) moved(news);
        state.stale = true;
        state.head.forEach((row, index) => {
            const node = state.api.getDisplayedRowAtIndex(index);
            if (node) node.data ? node.updateData(row) : node.setData(row);
        });
        // A high window shows rows below those that the feed tells of.
        if (lvd.rowWindow.drawn(state.api) > lvd.BLOCK) renew();
        describe();
    }

    // Rows of a view without row numbers went down: they are counted and found anew.
    function moved(news) {
        const rows = state.head.length;
        forgetPlaces();
        if (state.ended !== null) state.ended = news.whole ? null : state.ended + news.rows.length;
        if (rows < lvd.BLOCK) state.ended = rows;
        else state.places.set(rows, state.head[rows - 1].seq);
        if (state.ended !== null) state.api.setRowCount(state.scrollable(), true);
        else state.api.setRowCount(Math.max(state.api.getDisplayedRowCount(), rows + 1), false);
    }

    function scrolled() {
        if (state.stale && !isLive()) renew();
        describe();
    }

    function renew() {
        state.stale = false;
        state.api.refreshInfiniteCache();
    }

    // The grid tells it a moment later, when the page may have been left.
    function scrollEnded() {
        if (!isAlive()) return;
        const sight = inSight();
        lvd.gridSource.seen(state.api, sight.first, sight.last);
        // Of views without row numbers one window has all rows.
        const movable = state.total !== null;
        if (movable && lvd.rowWindow.isAtEdge(sight, state.base, state.total, state.scrollable())) goTo(state.base + sight.first);
        // Back at the top: what came meanwhile is wanted now.
        if (isLive()) lvd.feed.forget();
    }

    function goTo(row) {
        if (!isAlive() || !state.total) return;
        lvd.rowWindow.goTo(state.api, state, row, () => {
            state.generation += 1;
            lvd.gridSource.abort();
        });
        describe();
    }

    function describe() {
        if (!isAlive() || !state.token) return;
        const {first, last} = inSight();
        const rows = state.scrollable();
        const until = rows < 0 ? last + 1 : Math.min(last + 1, rows);
        const seen = `Rows ${lvd.number(state.base + first + 1)}–${lvd.number(state.base + until)}`;
        const total = state.total === null ? state.ended : state.total;
        const told = total === null ? `${seen}, and more` : total ? `${seen} of ${lvd.number(total)}` : "0 rows";
        lvd.props("grid-total", {children: told});
    }

    function showEmpty() {
        const {names, statuses, subject, run} = lvd.view;
        const filtered = names.length || statuses.length || subject || run;
        lvd.props("grid-empty-text", {
            children: filtered ? "No event in this range matches the filters." : "No event in this range.",
        });
        lvd.props("grid-empty", {hidden: state.total !== 0 && state.ended !== 0});
    }

    // The row by its index as the grid counts; null: it is not there (yet).
    grid.rowAt = (index) => {
        const node = isAlive() && index >= 0 && state.api.getDisplayedRowAtIndex(index);
        return (node && node.data) || null;
    };
    grid.focused = () => (isAlive() && state.api.getFocusedCell()) || null;
    grid.focus = (index) => {
        state.api.ensureIndexVisible(index);
        state.api.setFocusedCell(index, "name");
    };
    grid.firstInSight = () => inSight().first;
    grid.indexOf = (seq) => {
        const node = state.api.getRenderedNodes().find((each) => each.data && each.data.seq === Number(seq));
        return node ? node.rowIndex : null;
    };

    callbacks.jumpTop = () => {
        if (state.begun && state.total === null && isAlive()) state.api.ensureIndexVisible(0, "top");
        else jumpTo(0);
    };
    callbacks.jumpEnd = () => jumpTo(Infinity);
    callbacks.jumpRow = (_, row) => { if (row) jumpTo(Number(row) - 1); };

    function jumpTo(row) {
        state.goal = row;
        if (state.begun) goToGoal();
    }

    function goToGoal() {
        if (state.goal !== null) goTo(state.goal);
        state.goal = null;
    }

    callbacks.showNew = () => {
        lvd.pause.end();
        grid.reset(lvd.view.order === "newest" ? null : Infinity);
    };
})(window.lvd, window.dash_clientside.lvd);
