package io.dormouse.example.dns;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.StateChange;
import io.dormouse.example.dns.DnsMessage.Question;
import io.dormouse.udp.UdpConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Asks a name server for addresses, over UDP. Datagrams get lost, so it asks up to three times. */
final class DnsClient {
  private static final int TRIES = 3;

  private final UdpConnection udp;
  private final long patienceMillis;
  private final SecureRandom random = new SecureRandom();
  private final Map<Integer, Query> unanswered = new ConcurrentHashMap<>(); // by its id

  private record Query(
      Question question, ByteBuffer data, CompletableFuture<List<InetAddress>> answer) {}

  /**
   * Registers the connection.
   *
   * @param patience how long to wait for an answer before asking again
   */
  DnsClient(ConnectionRegistry registry, String server, int port, Duration patience) {
    patienceMillis = patience.toMillis();
    udp =
        registry
            .udp("dns")
            .connectTo(server, port) // what comes from elsewhere is not received
            .onDatagram(
                (c, datagram) -> DnsMessage.parse(datagram.data()).ifPresent(this::received))
            .onStateChange((connection, change) -> changed(change))
            .register();
  }

  /**
   * Looks up the IPv4 addresses of a name. Fails if there is no such name, if the server does not
   * answer, and in the background, unless the app is back before the last try.
   */
  CompletableFuture<List<InetAddress>> addresses(String name) {
    Question question = new Question(name, DnsMessage.A);
    CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
    int id = random.nextInt(1 << 16); // not to be guessed (RFC 5452)
    Query query = new Query(question, DnsMessage.query(id, question, false), answer);
    if (unanswered.putIfAbsent(id, query) != null) {
      return addresses(name); // with another id
    }
    answer.whenComplete((addresses, failure) -> unanswered.remove(id));
    send(query, TRIES);
    return answer;
  }

  // begin: dns
  private void send(Query query, int tries) {
    CompletableFuture<List<InetAddress>> answer = query.answer();
    if (tries == 0) {
      answer.completeExceptionally(new IOException("no answer; the socket is " + udp.state()));
    } else if (!answer.isDone()) {
      udp.whenOpen().thenRun(() -> sendNow(query)); // in a moment, if the app has just come back
      CompletableFuture.delayedExecutor(patienceMillis, TimeUnit.MILLISECONDS)
          .execute(() -> send(query, tries - 1));
    }
  }

  private void sendNow(Query query) {
    if (!query.answer().isDone()) {
      udp.send(query.data()); // what the system refuses is as good as lost
    }
  }

  // end: dns

  private void received(DnsMessage message) {
    Query query = unanswered.get(message.id());
    if (query == null || !message.question().equals(List.of(query.question()))) {
      return; // too late, or a forgery
    }
    try {
      query.answer().complete(addresses(message));
    } catch (UnknownHostException e) {
      query.answer().completeExceptionally(e);
    }
  }

  private static List<InetAddress> addresses(DnsMessage message) throws UnknownHostException {
    if (message.code() != 0) {
      throw new UnknownHostException(message.question().get(0).name());
    }
    List<InetAddress> addresses = new ArrayList<>();
    for (DnsMessage.Answer answer : message.answers()) {
      if (answer.type() == DnsMessage.A) {
        addresses.add(InetAddress.getByAddress(answer.name(), answer.address()));
      }
    }
    return addresses;
  }

  /** The next socket has another port, to which no answer of this one's comes. */
  private void changed(StateChange change) {
    if (change.ended().isPresent()) {
      IOException failure = new IOException("no answer any more: " + change.ended().get());
      unanswered.values().forEach(query -> query.answer().completeExceptionally(failure));
    }
  }
}
