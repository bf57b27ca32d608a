// Ways from page to page.
(function (lvd) {
    "use strict";

    // Before anybody else hears that a link is followed, also by the middle button or a menu into a tab of its own.
    for (const way of ["click", "auxclick", "contextmenu"]) {
        document.addEventListener(way, (event) => { if (event.target.closest("a")) lvd.tellApp(); }, true);
    }
})(window.lvd);
