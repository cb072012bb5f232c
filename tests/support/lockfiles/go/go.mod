module example.org/shop

go 1.21

toolchain go1.21.3

require github.com/gin-gonic/gin v1.9.0

require (
	golang.org/x/net v0.10.0 // indirect
	golang.org/x/text v0.9.0 // indirect
	example.org/own v0.0.0
)

replace golang.org/x/text => golang.org/x/text v0.3.7

replace example.org/own => ../own
