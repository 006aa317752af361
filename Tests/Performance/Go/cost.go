// SPDX-License-Identifier: Apache-2.0

// Times Go's built-in map in the loops of access-cost; prints the same JSON objects. The loops
// themselves are generated for each type of key from loops.go.template, because generic ones would
// measure generics.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

const keyCount = 1024

type sample struct {
	Build       string    `json:"build"`
	Subject     string    `json:"subject"`
	Operation   string    `json:"operation"`
	Key         string    `json:"key"`
	Depth       int       `json:"depth"`
	Threads     int       `json:"threads"`
	Nanoseconds []float64 `json:"nanoseconds"`
	Plain       []float64 `json:"plain"`
}

// A key of 64 bytes.
type wide struct{ a, b, c, d, e, f, g, h int }

func makeInt(number int) int       { return number }
func makeString(number int) string { return fmt.Sprintf("order-number-%d", number) }
func makeWide(number int) wide {
	n := number
	return wide{n, n * 3, n * 5, n * 7, n * 11, n * 13, n * 17, n * 19}
}

// The name of an operation on one type of key, and the function that repeats it for a number of
// rounds over the keys.
type loop struct {
	operation string
	run       func(rounds int) (elapsed time.Duration, operations int)
}

var sink int

func main() {
	seconds := flag.Float64("seconds", 5, "how long to measure")
	build := flag.String("build", "go", "what the results call this build")
	flag.Parse()
	type cell struct {
		sample *sample
		loop   loop
		rounds int
	}
	var cells []*cell
	for _, set := range []struct {
		key   string
		loops []loop
	}{{"Int", newInt().loops()}, {"String", newString().loops()}, {"64 bytes", newWide().loops()}} {
		for _, loop := range set.loops {
			cells = append(cells, &cell{&sample{Build: *build, Subject: "plain", Operation: loop.operation, Key: set.key,
				Depth: 5, Threads: 1, Nanoseconds: []float64{}}, loop, 1})
		}
	}
	for _, cell := range cells {
		for {
			elapsed, _ := cell.loop.run(cell.rounds)
			if elapsed > 500*time.Microsecond || cell.rounds > 1<<14 {
				break
			}
			cell.rounds *= 2
		}
	}
	end := time.Now().Add(time.Duration(*seconds * 1e9))
	for round := 0; round < 3 || time.Now().Before(end); round++ {
		for _, cell := range cells {
			elapsed, operations := cell.loop.run(cell.rounds)
			cell.sample.Plain = append(cell.sample.Plain, float64(elapsed.Nanoseconds())/float64(operations))
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	for _, cell := range cells {
		if err := encoder.Encode(cell.sample); err != nil {
			panic(err)
		}
	}
}
