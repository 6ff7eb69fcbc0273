// Package browser drives the page of the real program with Chromium: what a person would see, click and hear of. The steps are in the .mjs files
// beside it (playwright-core on Node); the Go tests build and start the program, restart it when a scenario asks for that, and report.
//
// Screenshots are written to the folder artifacts/browser of the repository, which is not committed.
package browser
