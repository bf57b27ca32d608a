// Notices: what failed and what was done, in sight wherever the page is scrolled.
(function (lvd) {
    "use strict";

    // How long it is told what was done, in milliseconds.
    const TOLD = 6000;
    let timer = null;
    // What had the focus when the last notice came.
    let before = null;

    // Stays until it is closed.
    lvd.notice = (text) => show(document.getElementById("notice"), text);
    lvd.failed = (text) => {
        lvd.notice(text);
        document.getElementById("notice").dataset.lvdFailed = "";
    };

    // Goes by itself. The focus moves to it: the button that did it may be gone. "": nothing is told any more.
    lvd.done = (id, text) => {
        const toast = document.getElementById(id);
        if (!text) {
            close(toast);
            return;
        }
        show(toast, text);
        toast.focus({preventScroll: true});
        goLater(toast);
    };

    function show(toast, text) {
        before = document.activeElement;
        delete toast.dataset.lvdFailed;
        toast.querySelector(".lvd-toast-text").textContent = text;
        toast.hidden = false;
        place(toast.parentElement);
    }

    function close(toast) {
        const hasFocus = toast.contains(document.activeElement);
        toast.hidden = true;
        if (hasFocus && before && before.isConnected) before.focus({preventScroll: true});
    }

    // Whoever reads it, or stands on it with the keyboard, has all the time.
    function goLater(toast) {
        clearTimeout(timer);
        timer = setTimeout(() => {
            if (toast.matches(":hover, :focus-visible, :has(:focus-visible)")) goLater(toast);
            else close(toast);
        }, TOLD);
    }

    // At the foot of the window, or at its head: not above what has the focus.
    function place(toasts) {
        const focused = document.activeElement;
        if (toasts.contains(focused)) return;
        delete toasts.dataset.lvdAtHead;
        // The body has the focus where nothing else has, and lies below everything.
        if (focused !== document.body && overlap(toasts.getBoundingClientRect(), focused.getBoundingClientRect())) toasts.dataset.lvdAtHead = "";
    }

    const overlap = (one, other) =>
        one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

    document.addEventListener("focusin", () => {
        const toast = document.querySelector(".lvd-toast:not([hidden])");
        if (toast) place(toast.parentElement);
    });

    document.addEventListener("click", (event) => {
        const button = event.target.closest(".lvd-toast-close");
        if (button) close(button.closest(".lvd-toast"));
    });

    const isSeen = (node) => node.getClientRects().length > 0;
    const isAnythingOpen = () =>
        [...document.querySelectorAll("[role=dialog], [aria-haspopup][aria-expanded=true]")].some(isSeen);

    // Before anybody else hears the key: what is open in front closes first, and alone.
    window.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || isAnythingOpen()) return;
        document.querySelectorAll(".lvd-toast:not([hidden])").forEach(close);
    }, true);
})(window.lvd);
