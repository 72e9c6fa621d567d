package main

import (
	"os"

	"guestlist/cmd/internal/cli"
)

func main() { os.Exit(cli.Main()) }
