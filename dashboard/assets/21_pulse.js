// The badge that tells how far the page lags behind what is stored, and the pause of the list.
(function (lvd, callbacks) {
    "use strict";

    // Seconds without an answer, or from stored to shown, from which the page is called behind.
    const BEHIND = 5;

    const pulse = (lvd.pulse = {});
    let stored = null;
    // Seconds from stored to shown of the newest arrival; null: none came since the page is open.
    let lag = null;
    let alarm = "";
    let answeredAt = null;
    // Whether the newest question had no answer.
    let isMissing = false;

    // `asked`: when the answer was asked for, by performance.now().
    pulse.answered = (freshness, asked) => {
        const isNext = stored !== null && freshness.stored !== stored;
        if (isNext && freshness.age !== null) lag = freshness.age + (performance.now() - asked) / 1000;
        if (freshness.stored) stored = freshness.stored;
        alarm = freshness.alarm;
        answeredAt = performance.now();
        isMissing = false;
        show();
    };

    // At once, as the banner does: a badge that goes on saying "live" beside it would be believed.
    pulse.missed = () => {
        isMissing = true;
        show();
    };

    // What is told is of another app, or there will be no more answers.
    pulse.forget = () => {
        stored = lag = answeredAt = null;
        isMissing = false;
        lvd.props("lag", {children: "", className: "lvd-lag"});
    };

    function show() {
        if (answeredAt === null || !document.getElementById("lag")) return;
        const [look, text] = state();
        lvd.props("lag", {children: text, className: `lvd-lag lvd-lag-${look}`});
    }

    function state() {
        const silence = (performance.now() - answeredAt) / 1000;
        if (isMissing || silence > BEHIND) return ["bad", `Behind: no news for ${Math.floor(silence)} s`];
        if (alarm) return ["bad", alarm];
        if (lvd.pause.is()) return ["paused", "Paused"];
        if (lag === null) return ["live", "Live"];
        return [lag > BEHIND ? "bad" : "live", `${lag > BEHIND ? "Behind" : "Live"}: shown ${lag.toFixed(1)} s after it was stored`];
    }

    setInterval(show, 1000);

    const pause = (lvd.pause = {});
    let paused = false;
    pause.is = () => paused;

    // The list stands still; what comes meanwhile is counted.
    pause.begin = () => { set(true); };
    pause.end = () => { if (paused) set(false); };

    function set(now) {
        paused = now;
        label("");
        show();
        if (lvd.view) lvd.feed.forget();
    }

    pause.counted = (news) => { if (paused) label(news.fresh ? ` (${news.fresh_text} new)` : ""); };

    const label = (more) => lvd.props("pause", {children: paused ? `Resume${more}` : "Pause", variant: paused ? "filled" : "default"});

    callbacks.pause = () => { if (paused) callbacks.showNew(); else pause.begin(); };
})(window.lvd, window.dash_clientside.lvd);
