package io.dormouse.example.dns;

import io.dormouse.ConnectionRegistry;
import io.dormouse.example.dns.DnsMessage.Answer;
import io.dormouse.example.dns.DnsMessage.Question;
import io.dormouse.udp.UdpConnection;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;

/**
 * Knows which services of a type, such as {@code _ipp._tcp.local}, there are in the local network,
 * by multicast DNS (RFC 6762). One that vanishes without a word is known until the next background:
 * this leaves out how long an answer holds. On Android an app needs a {@code
 * WifiManager.MulticastLock} for it.
 */
final class ServiceBrowser {
  private static final String GROUP = "224.0.0.251";

  private final InetSocketAddress group;
  private final Question question;
  private final UdpConnection udp;
  private final Set<String> services = new ConcurrentSkipListSet<>();

  /**
   * Registers the connection.
   *
   * @param port 5353 in an app
   */
  ServiceBrowser(ConnectionRegistry registry, String type, String networkInterface, int port) {
    group = new InetSocketAddress(GROUP, port);
    question = new Question(type, DnsMessage.PTR);
    // begin: mdns
    udp =
        registry
            .udp("mdns")
            .bind(port)
            .joinGroup(GROUP, networkInterface) // again after each background
            .multicastInterface(networkInterface)
            .multicastTtl(255) // RFC 6762, section 11
            .onOpen(open -> askAfterSleep())
            .onDatagram(
                (c, datagram) -> DnsMessage.parse(datagram.data()).ifPresent(this::received))
            .register();
    // end: mdns
  }

  /** Nobody knows what came and went meanwhile. */
  private void askAfterSleep() {
    services.clear();
    ask(true); // who has just woken wants answers for itself alone (RFC 6762, section 5.4)
    CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS).execute(() -> ask(false)); // UDP loses
  }

  private void ask(boolean unicast) {
    udp.send(DnsMessage.query(0, question, unicast), group);
  }

  private void received(DnsMessage message) {
    for (Answer answer : message.answers()) {
      if (answer.type() == DnsMessage.PTR && answer.name().equals(question.name())) {
        boolean leaves = answer.seconds() == 0; // RFC 6762, section 10.1
        boolean unused = leaves ? services.remove(answer.target()) : services.add(answer.target());
      }
    }
  }

  /** Returns the names of the services that are there, as far as is known. */
  Set<String> services() {
    return services;
  }
}
