package main

import (
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"
)

// serveLimit answers every connection with a stream's head and then writes every frame to each of them in turn, at the given rate, until it is killed.
func serveLimit(rateText string) error {
	rate, err := strconv.Atoi(rateText)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var connections []net.Conn
	go func() {
		head := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n:ok\n\n")
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if _, err := conn.Write(head); err != nil {
				continue
			}
			mu.Lock()
			connections = append(connections, conn)
			mu.Unlock()
		}
	}()
	fmt.Printf("http://%s\n", listener.Addr())
	id := `id: [{"topic":"datacenter1.mediawiki.recentchange","partition":0,"timestamp":1700000000000,"at":"abcd.123456.abcde"}]`
	for range time.Tick(time.Second / time.Duration(rate)) {
		frame := []byte("event: message\ndata: " + event(time.Now(), frameBytes-len(id)-24) + "\n" + id + "\n\n")
		mu.Lock()
		open := connections[:0]
		for _, conn := range connections {
			if _, err := conn.Write(frame); err != nil {
				_ = conn.Close()
				continue
			}
			open = append(open, conn)
		}
		connections = open
		mu.Unlock()
	}
	return nil
}
