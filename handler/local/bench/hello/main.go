// Command hello is the least that can stand behind the Functions host: package
// net/http and one answer. Package bench starts it beside the handler, so that
// what Go and the machine cost is not taken for the handler's.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	hello := func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost { // a notification, say
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusAccepted)
			return
		}
		_, _ = io.WriteString(w, "hello")
	}
	err := http.ListenAndServe("127.0.0.1:"+os.Getenv("FUNCTIONS_CUSTOMHANDLER_PORT"), http.HandlerFunc(hello))
	fmt.Fprintln(os.Stderr, "hello:", err)
	os.Exit(1)
}
