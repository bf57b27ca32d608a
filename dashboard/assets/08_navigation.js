// Ways from page to page.
(function (lvd) {
    "use strict";

    // Before anybody else hears that a link is followed, also by the middle button or a menu into a tab of its own.
    for (const way of ["click", "auxclick", "contextmenu"]) {
        document.addEventListener(way, (event) => { if (event.target.closest("a")) lvd.tellApp(); }, true);
    }

    // The entry of the page that is open leaves its view as it is, and only goes to its head. Dash itself would take
    // the view from the address, and then build the page anew or not, by the address it was opened at. To begin anew
    // always would undo by one click what took many.
    document.addEventListener("click", (event) => {
        const entry = event.target.closest(".lvd-nav a");
        if (!entry || !isPlain(event) || !isOpen(entry)) return;
        event.preventDefault();
        event.stopPropagation();
        scrollTo(0, 0);
    }, true);

    // Others are the browser's: into a new tab, say.
    const isPlain = (event) => !(event.metaKey || event.shiftKey || event.altKey || event.ctrlKey);

    // An address that no view was added to may be that of a page without any.
    const isOpen = (entry) => entry.pathname === location.pathname && (lvd.hasView() || location.search === "");
})(window.lvd);
