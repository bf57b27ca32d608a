// Which of a view's rows and columns a grid holds at once, and which of them are seen. It keeps no state of a view.
(function (lvd) {
    "use strict";

    // From so many pixels on a grid has room for every column, each in one line; 00_page.css knows it, too.
    const WIDE = 1000;
    // Narrow ones do without what the drawer tells anyway: name, status and what is wrong are to be read.
    lvd.fitColumns = (api, id, spared) => {
        fitted = api;
        const width = document.getElementById(id).clientWidth;
        if (!width) return;
        api.setColumnsVisible(["received", ...spared], width >= WIDE);
        api.setColumnsVisible(["received-short"], width < WIDE);
    };

    // Of today's rows narrow ones tell the time alone: at midnight what is drawn gets its date.
    const MINUTE = 60000;
    // The grid of the open page.
    let fitted = null;
    let day = new Date().toDateString();
    setInterval(() => {
        const today = new Date().toDateString();
        if (day === today) return;
        day = today;
        if (fitted && !fitted.isDestroyed()) fitted.refreshCells({columns: ["received-short"], force: true});
    }, MINUTE);

    lvd.BLOCK = 100;
    // Chromium cuts elements off above 33,554,428 px; beyond that the window is moved over the rows.
    const MAX_HEIGHT = 30e6;
    // Rows from a window's edge at which it is moved.
    const EDGE = 200;

    const rows = (lvd.rowWindow = {});
    const heightOf = (api) => api.getSizesForCurrentTheme().rowHeight;

    // Most rows of a window: whole blocks.
    rows.cap = (api) => Math.floor(MAX_HEIGHT / heightOf(api) / lvd.BLOCK) * lvd.BLOCK;

    // Row indexes that are seen; what the grid calls displayed has rows before and behind them.
    rows.inSight = (api) => {
        const {top, bottom} = api.getVerticalPixelRange();
        const height = heightOf(api);
        return {first: Math.floor(top / height), last: Math.max(Math.ceil(bottom / height) - 1, 0)};
    };

    // Rows that are drawn while the grid's top is seen, if there are so many.
    rows.drawn = (api) => rows.inSight(api).last + 1 + api.getGridOption("rowBuffer");

    // Rows of a view that its window has.
    rows.held = (api, {base, total}) => Math.min(Math.max(total - base, 0), rows.cap(api));

    // Shows the row of this number (from 0) at the top; moves the window where it does not reach, and tells it.
    rows.goTo = (api, view, row, moved) => {
        const wanted = Math.min(Math.max(row, 0), view.total - 1);
        const base = baseFor(wanted, view.base, view.total, rows.cap(api));
        if (base !== view.base) {
            view.base = base;
            moved();
            api.purgeInfiniteCache();
            api.setRowCount(rows.held(api, view), true);
        }
        api.ensureIndexVisible(wanted - base, "top");
    };

    // The first row of the window for a row of the view: the window that is, if the row is well inside of it.
    const baseFor = (row, base, total, size) => {
        if (total <= size) return 0;
        const reach = row - base;
        const inside = reach >= (base ? EDGE : 0) && reach < size && (reach < size - EDGE || base + size >= total);
        if (inside) return base;
        const last = Math.ceil((total - size) / lvd.BLOCK) * lvd.BLOCK;
        const middle = Math.round((row - size / 2) / lvd.BLOCK) * lvd.BLOCK;
        return Math.min(Math.max(middle, 0), last);
    };

    // Whether what is seen comes so near to an edge of its window that the window is to be moved.
    rows.isAtEdge = ({first, last}, base, total, held) =>
        (base > 0 && first < EDGE) || (last > held - EDGE && base + held < total);
})(window.lvd);
