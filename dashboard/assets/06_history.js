// Back and Forward walk the views of a page: each entry of the history keeps what its view needs to come back.
(function (lvd) {
    "use strict";

    // Changes of several controls at once are one change of the view, in milliseconds.
    const TOGETHER = 40;
    // Longest that the controls of an earlier view take to say what they said, in milliseconds.
    const RETURNING = 1000;

    // The open page: {id, path, describe() -> {query, kept}, show(kept)}.
    let page = null;
    let timer = null;
    // What caused the changes that are not written yet.
    let causes = [];
    let lastCause = null;
    // The page's first view is that of the entry by which it was opened.
    let isFirst = true;
    // The address of an earlier view that is coming back, and until when it may take.
    let returning = {search: null, until: 0};

    lvd.keepsViews = (owner) => {
        page = {...owner, path: location.pathname};
        causes = [];
        lastCause = null;
        isFirst = true;
    };

    // The view changed. `cause`: what changes it by and by, as the keys in a field do: all its changes in a row
    // are one entry. Without one the change is an entry of its own.
    lvd.noteView = (cause = null) => {
        causes.push(cause);
        write(TOGETHER);
    };

    function write(wait) {
        clearTimeout(timer);
        timer = setTimeout(() => { if (isOpen(page.id)) writeNow(); }, wait);
    }

    const isOpen = (id) => page !== null && page.id === id && page.path === location.pathname
        && document.getElementById(id) !== null;

    function writeNow() {
        const {query, kept} = page.describe();
        const {search} = new URL(`?${query}`, location);
        if (returning.search !== null && search !== returning.search && Date.now() < returning.until) {
            write(TOGETHER);
            return;
        }
        returning.search = null;
        const cause = causes.every((each) => each === causes[0]) ? causes[0] : null;
        causes = [];
        const isSame = search === location.search;
        const entry = {lvd: {page: page.id, kept: kept}};
        // Neither tells Dash's router, which would build the page anew.
        if (isFirst || isSame || (cause !== null && cause === lastCause)) history.replaceState(entry, "", page.path + search);
        else history.pushState(entry, "", page.path + search);
        isFirst = false;
        if (!isSame) lastCause = cause;
    }

    // Before Dash's router, which sees only some of the entries change the address.
    window.addEventListener("popstate", (event) => {
        const entry = event.state && event.state.lvd;
        if (!entry || !isOpen(entry.page)) return;
        event.stopImmediatePropagation();
        lastCause = null;
        returning = {search: location.search, until: Date.now() + RETURNING};
        page.show(entry.kept);
    }, true);
})(window.lvd);
