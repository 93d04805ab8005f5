/* Leads on from a first address: the server cannot do so alone, which never sees the `#` of it. */

const way = document.querySelector("a");
way.hash = location.hash;
location.replace(way.href);
