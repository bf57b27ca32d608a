// Copies an opened event, or the way to it.
(function (lvd) {
    "use strict";

    const TOLD_FOR = 2000;

    document.addEventListener("click", async (event) => {
        const button = event.target.closest("[data-lvd-copy]");
        if (!button) return;
        const {lvdCopy} = button.dataset;
        try {
            await lvd.copy(button, await TEXTS[lvdCopy](button.dataset));
        } catch (error) {
            tell(button, `Not copied: ${error.message}`);
        }
    });

    const eventText = async (seq) => (await lvd.post("/api/event", {app_id: lvd.view.app_id, seq: seq})).text;
    const TEXTS = {
        link: ({lvdLink}) => location.origin + lvdLink,
        event: ({lvdSeq}) => eventText(Number(lvdSeq)),
        replay: () => document.getElementById("replay-command").textContent,
    };

    // Without a secure address there is no clipboard: then the text is shown, selected for the viewer to copy.
    lvd.copy = async (button, text) => {
        try {
            await navigator.clipboard.writeText(text);
            tell(button, "Copied");
        } catch {
            offer(button, text);
        }
    };

    function offer(button, text) {
        const bar = button.parentElement;
        const field = bar.parentElement.querySelector(".lvd-copy-field") || document.createElement("textarea");
        field.className = "lvd-copy-field lvd-mono";
        field.readOnly = true;
        field.rows = 4;
        field.setAttribute("aria-label", "Press Ctrl+C to copy");
        field.value = text;
        bar.after(field);
        field.select();
        tell(button, "Selected: press Ctrl+C");
    }

    const told = new WeakMap();
    lvd.tellOn = tell;
    function tell(button, word) {
        const before = told.get(button) || button.textContent;
        told.set(button, before);
        button.textContent = word;
        setTimeout(() => {
            if (button.textContent === word) button.textContent = before;
        }, TOLD_FOR);
    }
})(window.lvd);
