// The filters of the page Explore: how one is put together, and those that hold.
(function (lvd, callbacks) {
    "use strict";

    const explore = lvd.explore;
    const WHERE = "where";
    const set = (id, props) => window.dash_clientside.set_props(id, props);

    const shape = {field: "name", how: "is"};

    callbacks.exploreFilterShape = (field, how) => {
        const another = field !== shape.field;
        Object.assign(shape, {field: field, how: how});
        explore.offer();
        if (another) ["explore-chosen", "explore-typed"].forEach((id) => set(id, {value: []}));
    };

    // Fields of which the values are known are chosen from a list, others are typed.
    explore.offer = () => {
        const {field, how} = shape;
        const offered = explore.offered[field];
        const most = how === "is" ? 1 : 100;
        lvd.props("explore-chosen", {data: offered || [], maxValues: most, display: offered ? "block" : "none"});
        lvd.props("explore-typed", {maxTags: most, display: offered || field === WHERE ? "none" : "block"});
        lvd.props("explore-property", {display: field === WHERE ? "block" : "none"});
        lvd.props("explore-how", {disabled: field === WHERE});
    };

    callbacks.exploreAdd = (clicks, submits, field, how, chosen, typed) => {
        if (field === WHERE) addProperty();
        else addValues(field, how, explore.offered[field] ? chosen : typed);
    };

    function addProperty() {
        // Not Dash's value, which may lag behind the key that ends the typing.
        const text = document.getElementById("explore-property").value.trim();
        const {where} = explore.view;
        if (!text || where.includes(text)) return;
        explore.view.where = [...where, text];
        set("explore-property", {value: ""});
        explore.held();
    }

    function addValues(field, how, values) {
        if (!values || !values.length) return;
        const side = how === "is_not" ? "unwanted" : "values";
        const before = how === "is" ? [] : explore.view[side][field] || [];
        explore.view[side] = {...explore.view[side], [field]: [...new Set([...before, ...values])]};
        set("explore-chosen", {value: []});
        set("explore-typed", {value: []});
        explore.held();
    }

    // Other filters hold than before.
    explore.held = () => {
        explore.view = lvd.view = {...explore.view};
        explore.drawFilters();
        explore.changed();
    };

    const label = (field, value) => {
        const known = (explore.offered[field] || []).find((option) => option.value === value);
        return known ? known.label : value;
    };

    function words(field, values, unwanted) {
        const said = values.map((value) => label(field, value)).join(", ");
        const several = values.length > 1;
        const how = unwanted ? (several ? "is none of" : "is not") : several ? "in" : "is";
        return `${explore.labels[field] || field} ${how} ${said}`;
    }

    function* filters() {
        const {view} = explore;
        for (const side of ["values", "unwanted"]) {
            for (const [field, values] of Object.entries(view[side])) {
                const rest = {...view[side]};
                delete rest[field];
                yield {words: words(field, values, side === "unwanted"), without: {[side]: rest}};
            }
        }
        for (const text of view.where) {
            yield {words: text, without: {where: view.where.filter((each) => each !== text)}};
        }
    }

    explore.drawFilters = () => {
        const list = document.getElementById("explore-filters");
        if (!list || !explore.view) return;
        list.replaceChildren(...[...filters()].map(item));
    };

    function item(filter) {
        const entry = document.createElement("li");
        const text = document.createElement("span");
        text.textContent = filter.words;
        const remove = document.createElement("button");
        remove.type = "button";
        remove.textContent = "×";
        remove.setAttribute("aria-label", `Remove filter: ${filter.words}`);
        remove.addEventListener("click", () => {
            explore.view = {...explore.view, ...filter.without};
            explore.held();
            // Its button is gone: the focus goes where the next filter is made.
            document.getElementById("explore-field").focus();
        });
        entry.append(text, remove);
        return entry;
    }
})(window.lvd, window.dash_clientside.lvd);
