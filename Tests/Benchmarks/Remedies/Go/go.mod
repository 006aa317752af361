module remedies

go 1.24
