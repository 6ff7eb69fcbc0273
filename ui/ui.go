package ui

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed all:dist
var built embed.FS

// Handler serves the page at "/" and its files beside it. Everything else is 404. It holds no state and is safe for concurrent use.
func Handler() http.Handler {
	files, err := fs.Sub(built, "dist")
	if err != nil {
		panic(err) // the folder is embedded: only a mistake in this file leads here
	}
	return http.FileServerFS(files)
}
