/// `debug`: debug messages are written too. It has no handler.
package enum Debug {}
