package io.dormouse.network;

import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects to that of a host's addresses which answers first (RFC 8305, section 5). They are tried
 * in {@linkplain AddressOrder their order}: the next one when the one before has not answered
 * within the attempt delay, and goes on beside it; at once when it has failed. Loop only.
 *
 * <p>It ends with one call of its listener, or with {@link #abort()}, and then has no socket but
 * the one that it has handed over.
 */
final class Race {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  /** What a race comes to. */
  interface Listener {
    /**
     * One has connected, and the sockets of the others are gone.
     *
     * @param transport is not watched for anything
     */
    void connected(Transport transport, InetSocketAddress address);

    /** None has. */
    void lost(InetSocketAddress last, Exception why);
  }

  /**
   * How long IPv4 addresses wait for the IPv6 ones of the same host, if a resolver tells them apart
   * (RFC 8305, section 3).
   */
  private static final long RESOLUTION_DELAY = TimeUnit.MILLISECONDS.toNanos(50);

  /** More would only keep the loop from its work, if they fail at once. */
  private static final int MOST_ATTEMPTS = 64;

  private final Attempt attempt;
  private final Loop loop;
  private final TransportOptions options;
  private final int port;
  private final @Nullable InetAddress worked;
  private final @Nullable InetAddress avoided;
  private final Listener listener;

  private final Set<InetAddress> found = new LinkedHashSet<>();
  private final Set<InetAddress> tried = new LinkedHashSet<>();
  private final List<Runner> runners = new ArrayList<>();
  private boolean complete; // no more addresses will be found
  private Loop.@Nullable Timer nextStart;
  private @Nullable Runner winner;
  private boolean over;

  private @Nullable InetSocketAddress lastTried;
  private @Nullable InetSocketAddress lastFailed;
  private @Nullable Exception failure; // of that one

  /** One attempt. */
  private static final class Runner {
    final InetSocketAddress address;
    @Nullable Transport transport;
    Loop.@Nullable Registration registration;

    Runner(InetSocketAddress address) {
      this.address = address;
    }
  }

  /** Creates one that begins with the first {@link #found}. */
  Race(Attempt attempt, TransportOptions options, int port, Listener listener) {
    this.attempt = attempt;
    this.loop = attempt.loop();
    this.options = options;
    this.port = port;
    this.worked = withoutPort(attempt.worked());
    this.avoided = withoutPort(attempt.avoided());
    this.listener = listener;
  }

  private static @Nullable InetAddress withoutPort(@Nullable InetSocketAddress address) {
    return address == null ? null : address.getAddress();
  }

  /**
   * The host has these addresses, too.
   *
   * @param last whether these are all that will be found; then there is one at least
   */
  void found(List<InetAddress> addresses, boolean last) {
    if (over || winner != null) {
      return;
    }
    found.addAll(addresses);
    complete = last;
    boolean hasBegun = !tried.isEmpty();
    if (hasBegun || found.isEmpty()) {
      if (nextStart == null) {
        startNext();
      }
    } else if (complete || found.stream().anyMatch(AddressOrder::isSix)) {
      cancelNextStart();
      startNext();
    } else if (nextStart == null) {
      nextStart = loop.schedule(RESOLUTION_DELAY, this::nextIsDue);
    }
  }

  private void nextIsDue() {
    nextStart = null;
    startNext();
  }

  private void startNext() {
    for (InetAddress next = next(); next != null; next = next()) {
      tried.add(next);
      Runner runner = new Runner(new InetSocketAddress(next, port));
      try {
        start(runner);
        return;
      } catch (IOException
          | IllegalArgumentException // an address of a family that the system lacks, for one
          | UnsupportedOperationException
          | SecurityException e) {
        failed(runner, e);
      }
    }
    if (complete && runners.isEmpty() && !over) {
      over = true;
      listener.lost(Objects.requireNonNull(lastFailed), Objects.requireNonNull(failure));
    }
  }

  private void failed(Runner runner, Exception e) {
    close(runner);
    lastFailed = runner.address;
    failure = e;
  }

  private @Nullable InetAddress next() {
    if (tried.size() == MOST_ATTEMPTS) {
      return null;
    } else if (found.size() == 1) { // as it mostly is
      return tried.isEmpty() ? found.iterator().next() : null;
    }
    for (InetAddress address : AddressOrder.of(found, worked, avoided)) {
      if (!tried.contains(address)) {
        return address;
      }
    }
    return null;
  }

  private void start(Runner runner) throws IOException {
    attempt.trying(runner.address);
    lastTried = runner.address;
    runners.add(runner); // before there is a socket, which must not be forgotten
    Transport opened = attempt.network().openStream(options);
    runner.transport = opened;
    if (opened.connect(runner.address)) {
      won(runner);
      return;
    }
    runner.registration = opened.watch(loop, SelectionKey.OP_CONNECT, ops -> ready(runner));
    if (!complete || tried.size() < found.size()) {
      nextStart = loop.schedule(attempt.reach().attemptDelay().toNanos(), this::nextIsDue);
    }
  }

  private void ready(Runner runner) {
    Transport connecting = runner.transport;
    if (connecting == null || winner != null) {
      return;
    }
    try {
      if (connecting.finishConnect()) {
        won(runner);
      }
    } catch (IOException e) {
      failed(runner, e);
      cancelNextStart();
      startNext();
    }
  }

  private void won(Runner runner) {
    winner = runner;
    cancelNextStart();
    Loop.Registration watched = runner.registration;
    if (watched != null) {
      watched.interest(0); // a selector would find it ready again and again
    }
    if (runners.size() == 1) {
      handOver();
      return;
    }
    closeAllBut(runner);
    // The system takes a socket that is watched out of its table in the next iteration.
    loop.execute(this::handOver);
  }

  private void handOver() {
    Runner first = winner;
    if (!over && first != null) {
      Transport connected = first.transport;
      over = true;
      runners.clear();
      if (connected != null) {
        listener.connected(connected, first.address);
      }
    }
  }

  /** Returns the address that was tried last; null if there was none yet. */
  @Nullable InetSocketAddress lastTried() {
    return lastTried;
  }

  /** Gives all sockets back. */
  void abort() {
    over = true;
    cancelNextStart();
    closeAllBut(null);
  }

  private void closeAllBut(@Nullable Runner kept) {
    for (int i = runners.size() - 1; i >= 0; i--) {
      Runner runner = runners.get(i);
      if (runner != kept) {
        close(runner);
      }
    }
  }

  private void close(Runner runner) {
    Transport open = runner.transport;
    if (open != null) {
      resetOnClose(open);
      Channels.close(attempt.connectionName(), open);
    }
    runners.remove(runner);
  }

  /** So that one that has just connected leaves nothing behind; else it ends with a FIN. */
  private void resetOnClose(Transport open) {
    try {
      open.resetOnClose();
    } catch (Throwable e) { // whatever it is, the socket must go
      log.debug("{}: an attempt is not reset: {}", attempt.connectionName(), e.getClass());
    }
  }

  private void cancelNextStart() {
    if (nextStart != null) {
      nextStart.cancel();
      nextStart = null;
    }
  }

  /** Returns how many sockets are open. */
  int openSockets() {
    int open = 0;
    for (Runner runner : runners) {
      Transport transport = runner.transport;
      open += transport != null && transport.isOpen() ? 1 : 0;
    }
    return open;
  }
}
