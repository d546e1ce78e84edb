/// Corefiles as clusters run them.
enum RealCorefiles {
  static let kubeadm = """
    .:53 {
        errors
        health {
           lameduck 5s
        }
        ready
        kubernetes cluster.local in-addr.arpa ip6.arpa {
           pods insecure
           fallthrough in-addr.arpa ip6.arpa
           ttl 30
        }
        prometheus :9153
        forward . /etc/resolv.conf {
           max_concurrent 1000
        }
        cache 30 {
           disable success cluster.local
           disable denial cluster.local
        }
        loop
        reload
        loadbalance
    }
    """

  /// Four blocks on one port, bound to a link-local and a service address.
  static let nodeLocal = """
    cluster.local:53 {
        errors
        cache {
            success 9984 30
            denial 9984 5
        }
        reload
        loop
        bind 169.254.20.10 10.96.0.10
        forward . 10.96.0.11 {
            force_tcp
        }
        prometheus :9253
        health 169.254.20.10:8080
        }
    in-addr.arpa:53 {
        errors
        cache 30
        bind 169.254.20.10 10.96.0.10
        forward . 10.96.0.11 {
            force_tcp
        }
        }
    ip6.arpa:53 {
        errors
        cache 30
        bind 169.254.20.10 10.96.0.10
        }
    .:53 {
        errors
        cache 30
        bind 169.254.20.10 10.96.0.10
        forward . /etc/resolv.conf
        prometheus :9253
        }
    """

  static let openShift = """
    # example
    example.org:5353 {
        prometheus 127.0.0.1:9153
        forward . 192.0.2.1 [2001:db8::1]:5353 {
            policy random
        }
        errors
        log . {
            class error
        }
        bufsize 1232
        cache 900 {
            denial 9984 30
        }
    }
    .:5353 {
        bufsize 1232
        errors
        log . {
            class error
        }
        health {
            lameduck 20s
        }
        ready
        kubernetes cluster.local in-addr.arpa ip6.arpa {
            pods insecure
            fallthrough in-addr.arpa ip6.arpa
        }
        prometheus 127.0.0.1:9153
        forward . /etc/resolv.conf {
            policy sequential
        }
        cache 900 {
            denial 9984 30
        }
        reload
    }
    hostname.bind:5353 {
        chaos
    }
    """

  /// A vendor's base with the operator's folders imported inside and outside the block.
  static let imports = """
    .:53 {
        errors
        hosts /etc/coredns/NodeHosts {
          ttl 60
          192.0.2.7 gateway.example.org gw
          fallthrough
        }
        rewrite name regex (.*)\\.in\\.example\\.org {1}.cluster.local
        import custom/*.override
        template ANY ANY internal.example.net {
          match "^(?:[^.]+\\.){4,}internal\\.example\\.net\\.$"
          rcode NXDOMAIN
          fallthrough
        }
    }
    import custom/*.server
    """

  static let all = [kubeadm, nodeLocal, openShift, imports]
}
