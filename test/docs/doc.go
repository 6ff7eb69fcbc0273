// Package docs holds the documentation to what is true: links lead somewhere, commands and flags exist, and what is marked as runnable runs.
//
// In a fenced block the word after the language says what is done with it:
//
//	```sh runnable                      runs with bash in an empty folder, in which the page's blocks follow each other; it must succeed
//	```output                           what the block above prints; … stands for anything
//	```yaml file=streams.yaml           is written to that file of the folder before the page's blocks run
//	```sh background listen=8080 …      one eventplatform command that is started and kept running for the page's blocks; the numbers are the ports that
//	                                    the page speaks of: listen, admin, kafka. They are replaced by free ones wherever the page has 127.0.0.1:port
//
// A page with runnable blocks and without a background command gets `serve` with all it brings, at the ports 8080 and 9102.
package docs
