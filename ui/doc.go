// Package ui is the platform's web page: a Vue application built with Vite, whose built files are committed and embedded, so that the
// program needs neither Node nor any other host to show it.
//
// It promises that a page it serves loads nothing from elsewhere, runs no inline script and holds no inline style (the Content-Security-Policy
// says so), that hashed assets are cached for ever and the page itself is checked each time, and that event contents are shown as text, never as HTML.
// It never reads events or settings itself: the page asks the services' public HTTP addresses of the server that served it.
package ui
