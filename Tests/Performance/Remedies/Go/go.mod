module remedies

go 1.19
