package io.dormouse.engine;

import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.SendQueueFullException;
import io.dormouse.testing.Host;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * One connection of a {@link StackWalk}, to a host of its own: what its app sends and hears, and
 * whether that is what its peer has heard and said.
 */
abstract class StackWalkConnection extends Walker {
  /** How a server behaves towards each new stream. */
  enum Ways {
    WELL,
    SILENT,
    UNREAD,
    SLOW,
    RESETS,
    CLOSES,
    GARBAGE,
    REJECTS
  }

  private static final int MOST_PADDING = 9_000;
  private static final String PADDING = ".".repeat(MOST_PADDING);

  /** So many texts are sent at once in an exchange. */
  private static final int BURST = 15;

  final StackWalk walk;
  final Host host;
  Ways ways = Ways.WELL;
  boolean throwing;
  boolean slow; // to say where to
  private Function<String, CompletableFuture<Void>> sending;
  private Function<String, CompletableFuture<Void>> preparing;

  private long sentBytes; // of sends that were written
  private long heardBytes;
  private long heardInGeneration;
  private long heardOf; // that generation

  private Exchange exchange; // the latest; null before the first

  /** In which generation it is, and what is the first that is sent; -1 for none that can be. */
  private record Exchange(long generation, int firstSend) {}

  StackWalkConnection(StackWalk walk, Host host) {
    super(walk);
    this.walk = walk;
    this.host = host;
  }

  /** It is registered. */
  final void begin(Connection connection, Function<String, CompletableFuture<Void>> send) {
    sending = send;
    begin((ManagedConnection) connection);
  }

  // ----------------------------------------------------------------------------------- the app

  final CompletableFuture<?> prepare(Function<String, CompletableFuture<Void>> send) {
    preparing = send;
    CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
    return behavior == 0 ? done : open(heardGeneration).toCompletableFuture();
  }

  /** Makes some texts so long that they wait for the peer. */
  @Override
  final CompletableFuture<Void> submit(String text, long opening) {
    boolean isLong = walk.random.nextInt(3) == 0;
    String padding = isLong ? PADDING.substring(walk.random.nextInt(MOST_PADDING)) : "";
    String padded = text + padding + end();
    CompletableFuture<Void> sent = (opening == 0 ? sending : preparing).apply(padded);
    CompletableFuture<Void> unused = sent.thenRun(() -> sentBytes += padded.length());
    return sent;
  }

  /** What ends a text on the wire. */
  String end() {
    return "";
  }

  static String withoutPadding(String text) {
    int end = text.indexOf('.');
    return end < 0 ? text : text.substring(0, end);
  }

  /** A callback of the connection's, with so many bytes. */
  final void called(int bytes) {
    enterCallback(heardGeneration);
    check(heard.mayHoldSocket(), "a callback in " + heard);
    heardBytes += bytes;
    heardInGeneration = bytes + (heardOf == heardGeneration ? heardInGeneration : 0);
    heardOf = heardGeneration;
    act();
    leaveCallback();
    if (throwing) {
      throw new IllegalStateException("thrown on purpose");
    }
  }

  /** Where to connect to; it may take its time to say so. */
  final <T> T supply(T answer) throws InterruptedException {
    long generation = connection.link().status().generation();
    if (slow) {
      walk.hang();
    }
    Link.Status now = connection.link().status();
    check(
        now.generation() == generation && now.linkState().hasWire(),
        "a supplier goes on after its generation's end");
    return answer;
  }

  // ---------------------------------------------------------------------------------- the peer

  final void changeWays() {
    Ways[] all = Ways.values();
    ways = all[walk.random.nextInt(all.length)];
  }

  /** From now on who connects is answered. */
  abstract void serve();

  /** The peer says something by itself. */
  abstract void say();

  /** The peer ends its side, if it has one. */
  void halfClose() {}

  /** Is well towards those that have connected before, too. */
  void behaveTowardsAll() {}

  @Override
  void behave() {
    ways = Ways.WELL;
    behavior = 1;
    restless = false;
    throwing = false;
    slow = false;
    host.restart();
    host.buffers(64 * 1024, 64 * 1024);
    host.link().up();
    host.link().loss(0).latency(Duration.ofMillis(10)).jitter(Duration.ZERO);
    host.link().bandwidth(Long.MAX_VALUE);
    serve();
    behaveTowardsAll();
  }

  @Override
  long sockets() {
    return connection.link().openSockets();
  }

  @Override
  int timersOfWire() {
    return 2;
  }

  // ----------------------------------------------------------------------------- the exchange

  /** How many bytes the peer has said that are to be heard. */
  abstract long said();

  /** How many of them were heard. */
  abstract long heard();

  /** Whether the peer knows of the latest generation, and can talk to it. */
  abstract boolean isPeerThere();

  /** The texts that have come in the latest generation. */
  abstract List<String> receivedInGeneration();

  final long heardBytes() {
    return heardBytes;
  }

  final long heardInGeneration() {
    return heardOf == connection.snapshot().generation() ? heardInGeneration : 0;
  }

  /** Both sides say more than the other takes at once. */
  void beginExchange() {
    long generation = connection.snapshot().generation();
    exchange = new Exchange(isPeerThere() ? generation : -1, texts.size());
    for (int i = 0; i < BURST; i++) {
      send(0);
      say();
    }
  }

  /** Whether all has come, as far as it can be known. */
  final boolean isOver() {
    return !isSameGeneration()
        || (Walk.areDone(exchangedSends())
            && said() == heard()
            && receivedInGeneration().containsAll(textsThatWent()));
  }

  private boolean isSameGeneration() {
    return exchange.generation == connection.snapshot().generation()
        && connection.state() == ConnectionState.OPEN;
  }

  private List<CompletableFuture<Void>> exchangedSends() {
    return sends.subList(exchange.firstSend, exchange.firstSend + BURST);
  }

  private List<String> textsThatWent() {
    List<String> went = new ArrayList<>();
    for (int i = exchange.firstSend; i < exchange.firstSend + BURST; i++) {
      if (!sends.get(i).isCompletedExceptionally()) {
        went.add(texts.get(i));
      }
    }
    return went;
  }

  final void checkExchange() {
    if (exchange.generation == -1) {
      return; // its peer was gone already, and could not say so
    }
    check(isSameGeneration(), "a generation whose peer is well has ended");
    int refused = 0;
    for (CompletableFuture<Void> send : exchangedSends()) {
      check(send.isDone(), "sent while open, and no outcome");
      if (send.isCompletedExceptionally()) {
        Throwable failure = send.handle((done, e) -> e).join();
        check(failure instanceof SendQueueFullException, "sent while open, and failed: " + failure);
        refused++;
      }
    }
    check(refused < BURST, "there was room for no send");
    check(said() == heard(), "the peer said " + said() + " bytes, and the app heard " + heard());
    check(
        receivedInGeneration().containsAll(textsThatWent()),
        "sent while open, and written, and never received");
  }

  @Override
  void checkAtTheEnd() {
    super.checkAtTheEnd();
    Counters counters = connection.link().counters();
    if (connection.kind() != ConnectionKind.WEBSOCKET) { // which counts pongs, too
      check(counters.received() == heardBytes, counters.received() + " bytes received");
    }
    check(counters.sent() == sentBytes, counters.sent() + " bytes sent, and not " + sentBytes);
  }
}
