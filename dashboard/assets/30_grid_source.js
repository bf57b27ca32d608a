// Where the grid's rows come from: blocks by POST, tried again until they come. AG Grid itself never tries a
// failed block again, and Dash's own row requests lose the grid with the first failure.
(function (lvd) {
    "use strict";

    const source = (lvd.gridSource = {});

    // Blocks farther than this many rows from what is seen are given up; they are asked again when seen.
    const NEAR = 100;

    let aborter = new AbortController();
    // Ends when the block that freezes the view was answered, or failed; null: none is at it.
    let freezing = null;
    // First rows of blocks.
    const givenUp = new Set();
    const retrying = new Set();
    // The last load of each block by its first row: a refreshed grid asks for a block again while a load of it is
    // under way, and drops what that one brings.
    const newest = new Map();

    // Ends every request under way: the view they are for is gone.
    source.abort = () => {
        aborter.abort();
        aborter = new AbortController();
        freezing = null;
        givenUp.clear();
        retrying.clear();
        newest.clear();
        note();
    };

    source.datasource = (state) => {
        path = location.pathname;
        return {getRows: (block) => load(state, block)};
    };

    // Whether the grid's page is not being left: the address changes first, then the components go, and Dash
    // throws at whoever sets a property of one that is gone.
    let path = null;
    const isOpen = () => location.pathname === path && document.getElementById("grid-note") !== null;

    async function load(state, block) {
        const isHead = state.base === 0 && block.startRow === 0;
        if (isHead && state.headFills()) {
            block.successCallback(state.head, state.scrollable());
            return;
        }
        const generation = state.generation;
        const signal = aborter.signal;
        newest.set(block.startRow, block);
        for (let tries = 1; ; tries += 1) {
            const done = await turn(state);
            const token = state.token;
            try {
                if (!token && block.startRow > 0) {
                    const first = await ask(null, 0, null, 1, signal);
                    if (generation !== state.generation || !isOpen()) break;
                    state.frozen(first);
                }
                const answer = await answerOf(state, block.startRow, block.endRow - block.startRow, signal);
                if (generation !== state.generation || !isOpen()) break;
                // The feed brought newer rows meanwhile: these would leave a gap behind them.
                if (isHead && token && token !== state.token) continue;
                settled(block);
                state.received(block, answer);
                return;
            } catch (error) {
                if (signal.aborted || !isOpen()) break;
                if (error.status === 409) { state.replaced(); break; }
                if (error.status >= 400 && error.status < 500) { refused(block, error); break; }
                if (!isNewest(block)) break;
                retrying.add(block.startRow);
                note(error);
                await lvd.sleep(lvd.backoff(tries), signal);
                if (signal.aborted || !isOpen() || !isNewest(block)) break;
                if (!near(state.api, block)) { giveUp(block); break; }
            } finally {
                done();
            }
        }
        block.failCallback();
    }

    // Of blocks that are asked for before there is a view one freezes it; the others wait, to be of the same one.
    // Whoever's turn it is says when it is done.
    async function turn(state) {
        while (!state.token && freezing) await freezing;
        if (state.token) return () => {};
        let end;
        const mine = (freezing = new Promise((ended) => { end = ended; }));
        return () => {
            if (freezing === mine) freezing = null;
            end();
        };
    }

    // The rows from a place of the grid on. Of views without row numbers they are found behind the row before.
    async function answerOf(state, start, limit, signal) {
        if (state.total !== null) return ask(state.token, state.base + start, null, limit, signal);
        const shift = state.shift;
        const after = start === 0 ? null : await placeOf(state, start, signal);
        // Or rows moved meanwhile: then all of them are asked again when they are seen.
        if (after === undefined) return {rows: [], next: null};
        const answer = await ask(state.token, 0, after, limit, signal);
        if (answer.total !== null) return answer;
        await fill(answer, limit, signal);
        if (shift === state.shift) state.passed(start, answer);
        return answer;
    }

    const ask = (token, offset, after, limit, signal) => lvd.post(
        "/api/rows", {view: lvd.view, token: token, offset: offset, after: after, limit: limit}, signal);

    // A search that ran out of time tells how far it came: in the end the block is full, or the view ends.
    async function fill(answer, limit, signal) {
        while (answer.rows.length < limit && answer.next !== null) {
            const more = await ask(answer.token, 0, answer.next, limit - answer.rows.length, signal);
            answer.rows.push(...more.rows);
            answer.next = more.next;
        }
    }

    // The seq behind which the rows from `start` on begin; undefined: there are none. What lies before is read
    // where it is not known: the grid asks for blocks in any order.
    async function placeOf(state, start, signal) {
        if (!state.places.has(start) && !state.endsBefore(start)) {
            await answerOf(state, start - lvd.BLOCK, lvd.BLOCK, signal);
        }
        return state.places.get(start);
    }

    function near(api, block) {
        const first = api.getFirstDisplayedRowIndex();
        return first < 0 || (block.endRow > first - NEAR && block.startRow < api.getLastDisplayedRowIndex() + NEAR);
    }

    const isNewest = (block) => newest.get(block.startRow) === block;

    function giveUp(block) {
        retrying.delete(block.startRow);
        givenUp.add(block.startRow);
        note();
    }

    function settled(block) {
        if (!isNewest(block)) return;
        retrying.delete(block.startRow);
        givenUp.delete(block.startRow);
        note();
    }

    // Another try would be refused alike.
    function refused(block, error) {
        settled(block);
        lvd.props("grid-total", {children: ""});
        lvd.props("grid-note", {children: `These rows cannot be shown: ${error.message}`});
    }

    // Rows that were given up and are seen now are asked again.
    source.seen = (api, first, last) => {
        const missing = [...givenUp].some((start) => start < last + 1 && start + lvd.BLOCK > first);
        if (!missing) return;
        givenUp.clear();
        api.refreshInfiniteCache();
    };

    function note(error) {
        if (!isOpen()) return;
        if (!retrying.size) lvd.props("grid-note", {children: ""});
        else if (error) lvd.props("grid-note", {children: `Rows could not be loaded (${error.message}). Retrying…`});
    }
})(window.lvd);
