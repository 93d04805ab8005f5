"""Pages in the browser, served to this machine alone: run directories in, pages out.

`app` joins a page's routes to the shared ones, `security` decides who is answered, `server` runs
it. A page is a function that returns its routes, and files in `static/`: plain JavaScript modules,
no build step, nothing from elsewhere.
"""
