//! The symbol table as plain data, for the `symtable` module.
