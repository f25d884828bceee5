package io.dormouse.example.lines;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.StateChange;
import io.dormouse.tcp.Framing;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.tcp.TcpSender;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A store of values, asked by a protocol of lines over TCP. Each request has a number, and its
 * answer has the same:
 *
 * <pre>
 * 7 get colour         7 ok brown
 * 8 watch colour       8 ok brown, and from then on for each change: ! colour grey
 * 9 get shape          9 error no such key; to watch it is possible, and the answer is empty
 * </pre>
 */
public final class StoreConnection {
  private static final Framing<String> LINES = Framing.lines(8_192);
  private static final long ANSWER_SECONDS = 5;

  private final TcpConnection tcp;
  private final AtomicLong requests = new AtomicLong();
  private final Map<Long, CompletableFuture<String>> unanswered = new ConcurrentHashMap<>();
  private final Map<String, Consumer<String>> watched = new ConcurrentHashMap<>();

  /** Registers the connection, which connects as soon as the app is in the foreground. */
  public StoreConnection(ConnectionRegistry registry, String host, int port) {
    tcp =
        registry
            .tcp("store")
            .connectTo(host, port)
            .onMessage(LINES, (connection, line) -> received(line))
            .prepare(Duration.ofSeconds(5), this::watchAll)
            .onStateChange((connection, change) -> changed(change))
            .register();
  }

  /** Fetches a value. Fails if the store is away, has no such key, or does not answer in 5 s. */
  public CompletableFuture<String> get(String key) {
    return ask(tcp, "get " + key);
  }

  /**
   * Watches a value from now on, over all sockets to come.
   *
   * @param onValue is called with the value when it changes, and after each return
   * @return the value, when the store is there
   */
  public CompletableFuture<String> watch(String key, Consumer<String> onValue) {
    watched.put(key, onValue); // if the store is away, watchAll() asks too: that does no harm
    return tcp.whenOpen().thenCompose(open -> ask(tcp, "watch " + key));
  }

  // begin: lines
  /** Before anything else on each socket. */
  private CompletableFuture<?> watchAll(TcpSender socket) {
    List<CompletableFuture<Void>> all =
        watched.entrySet().stream()
            .map(each -> ask(socket, "watch " + each.getKey()).thenAccept(each.getValue()))
            .toList();
    return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]));
  }

  private CompletableFuture<String> ask(TcpSender socket, String request) {
    long number = requests.incrementAndGet();
    CompletableFuture<String> answer = new CompletableFuture<>();
    answer.whenComplete((text, failure) -> unanswered.remove(number));
    unanswered.put(number, answer);
    socket
        .send(LINES.encode(number + " " + request))
        .whenComplete((sent, failure) -> failIf(failure, answer));
    return answer.orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS);
  }

  // end: lines

  private static void failIf(Throwable failure, CompletableFuture<?> answer) {
    if (failure != null) {
      answer.completeExceptionally(failure);
    }
  }

  private void received(String line) {
    String[] words = line.split(" ", 3);
    if (words[0].equals("!")) {
      watched.getOrDefault(words[1], value -> {}).accept(words[2]);
      return;
    }
    CompletableFuture<String> answer = unanswered.get(Long.parseLong(words[0]));
    if (answer == null) {
      return; // nobody waits for it any more
    }
    if (words[1].equals("ok")) {
      answer.complete(words[2]);
    } else {
      answer.completeExceptionally(new IOException(words[2]));
    }
  }

  /**
   * What a socket has not answered at its end is never answered. It is told of an end before the
   * next socket is prepared, and before that no request is accepted, so none of the next one's is
   * among these.
   */
  private void changed(StateChange change) {
    if (change.ended().isPresent()) {
      IOException failure = new IOException("no answer any more: " + change.ended().get());
      unanswered.values().forEach(answer -> answer.completeExceptionally(failure));
    }
  }
}
