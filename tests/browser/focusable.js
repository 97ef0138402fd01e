// What the Tab key should lead to, in the order in which it is read.
const places = "a[href], button, input:not([hidden], [type=radio]:not(:checked)), textarea, select, summary, [tabindex='0']";
return [...document.querySelectorAll(places)].map((element) => element.outerHTML.slice(0, 200));
