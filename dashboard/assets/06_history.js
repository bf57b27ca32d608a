// Each page's address holds its whole view, and Back and Forward walk the views: an entry of the history keeps
// what its view needs to come back.
(function (lvd) {
    "use strict";

    // Changes of several controls at once are one change of the view, in milliseconds.
    const TOGETHER = 40;
    // Longest that a page takes to be what an earlier entry says, in milliseconds.
    const RETURNING = 1000;

    // The open page: {id, path, appId(), find(wanted), describe() -> {query, controls, rest}, show(rest)}.
    // `controls`: the values of its controls by their ids. `rest`: what its view has beside them; show takes it
    // over, before the controls are set and their callback draws the view. Pages with a drawer have an appId, and
    // find where the drawer's buttons list something.
    let page = null;
    // Its first view is that of the entry by which it was opened.
    let isFirst = true;
    let lastCause = null;
    // While it runs, a change is a part of the one before it.
    let together = null;
    // The address of an earlier view that is coming back; null: none is.
    let returning = null;

    lvd.keepsViews = (owner) => {
        page = {...owner, path: location.pathname};
        isFirst = true;
        forget();
        lvd.drawer.belongsTo(page);
    };

    function forget() {
        returning = lastCause = together = null;
    }

    // The view changed. `cause`: what changes it by and by, as the keys in a field do: all its changes in a row
    // are one entry. Without one the change is an entry of its own.
    lvd.noteView = (cause = null) => {
        const goesOn = together !== null || (cause !== null && cause === lastCause);
        if (!write(goesOn ? "replaceState" : "pushState")) return;
        lastCause = together === null || cause === lastCause ? cause : null;
        const mine = (together = {});
        setTimeout(() => { if (together === mine) together = null; }, TOGETHER);
    };

    // The view became another one by itself: no entry of its own.
    lvd.correctView = () => write("replaceState");

    const isOpen = (id) => page !== null && page.id === id && page.path === location.pathname
        && document.getElementById(id) !== null;

    // Whether the address is that of the open page's view.
    lvd.hasView = () => page !== null && isOpen(page.id);

    // True if the address is another one than before. Dash's router, which would build the page anew, is not told.
    function write(way) {
        if (!isOpen(page.id)) return false;
        const {query, controls, rest} = page.describe();
        for (const [name, value] of Object.entries(lvd.drawer.address())) query.set(name, value);
        const {search} = new URL(`?${query}`, location);
        if (returning !== null && search !== returning) return false;
        returning = null;
        const isSame = search === location.search;
        const entry = {lvd: {page: page.id, controls: controls, rest: rest, opened: lvd.drawer.opened}};
        history[isFirst || isSame ? "replaceState" : way](entry, "", page.path + search);
        isFirst = false;
        return !isSame;
    }

    // Before Dash's router, which sees only some of the entries change the address. Until the page that it was told of
    // is there, the old one's entries are Dash's, too.
    window.addEventListener("popstate", (event) => {
        const entry = event.state && event.state.lvd;
        if (lvd.isLeaving() || !entry || !entry.controls || !isOpen(entry.page)) return;
        event.stopImmediatePropagation();
        // The controls are still on their way to what another entry said.
        const isUnderWay = returning !== null;
        forget();
        const {controls, rest} = page.describe();
        if (isUnderWay || JSON.stringify([controls, rest]) !== JSON.stringify([entry.controls, entry.rest])) {
            const goal = (returning = location.search);
            setTimeout(() => { if (returning === goal) giveUp(); }, RETURNING);
            page.show(entry.rest);
            for (const [id, value] of Object.entries(entry.controls)) window.dash_clientside.set_props(id, {value: value});
        }
        lvd.drawer.show(entry.opened);
    }, true);

    // It does not come back as it was: the address says what there is instead.
    function giveUp() {
        returning = null;
        lvd.correctView();
    }
})(window.lvd);
