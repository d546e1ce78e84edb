/// `pprof`: read for the sake of Corefiles that have it. It shows profiles of Go's runtime, which
/// there is none of here.
package enum Pprof {}
