module github.com/ivcs/conform

go 1.26
