package io.dormouse.stream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.SettledOutgoing;
import io.dormouse.loop.ManualLoop;
import io.dormouse.network.Endpoint;
import io.dormouse.network.ForwardingNetwork;
import io.dormouse.network.Transport;
import io.dormouse.network.TransportOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** A stream on virtual time, over transports that the test plays. */
final class StreamRig {
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  static final Duration NANO = Duration.ofNanos(1);

  final ManualLoop loop = new ManualLoop();
  final FakeGeneration generation = new FakeGeneration("telemetry", loop);
  final Told told = new Told();
  final List<FakeTransport> transports = new ArrayList<>();
  final Stream stream;

  /** How the next transports are made. */
  Supplier<FakeTransport> transportSource = FakeTransport::new;

  StreamRig() {
    this(StreamOptions.standard());
  }

  StreamRig(StreamOptions options) {
    generation.network =
        new ForwardingNetwork() {
          @Override
          public Transport openStream(TransportOptions given) {
            return open();
          }
        };
    stream = new Stream(generation, options, told);
  }

  static StreamOptions idleTimeout(Duration timeout) {
    return options(Optional.empty(), Optional.of(timeout));
  }

  static StreamOptions linger(Duration linger) {
    return options(Optional.of(linger), Optional.empty());
  }

  private static StreamOptions options(Optional<Duration> linger, Optional<Duration> idle) {
    return new StreamOptions(TransportOptions.standard(), linger, idle);
  }

  private FakeTransport open() {
    FakeTransport made = transportSource.get();
    transports.add(made);
    return made;
  }

  /** Dials, and returns the transport. */
  FakeTransport connect() {
    onLoop(() -> stream.dial(CONNECT_TIMEOUT.toNanos(), loopback()));
    assertThat(told.events).containsExactly("connected");
    told.events.clear();
    return transports.get(0);
  }

  static Endpoint loopback() {
    return new Endpoint.Known(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9_000));
  }

  /** Plays a send of the app's. */
  void send(String text) {
    onLoop(() -> stream.write(bytes(text), SettledOutgoing.of(text), true));
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  /** Plays something on the loop, and runs what follows from it. */
  void onLoop(Runnable action) {
    loop.execute(action);
    run();
  }

  /** Runs all that is due, with the handlers of what is ready. */
  void run() {
    do {
      loop.run();
    } while (poll());
    assertThat(loop.thrown()).isEmpty();
  }

  /** One look of a selector: each ready handler is called once. Returns whether there was one. */
  boolean poll() {
    boolean any = false;
    for (FakeTransport transport : List.copyOf(transports)) {
      int ready = transport.ready();
      if (ready != 0) {
        any = true;
        loop.execute(() -> transport.handler.ready(ready));
      }
    }
    return any;
  }

  void advance(Duration time) {
    run();
    loop.advance(time);
    run();
  }

  /** What the stream has told. */
  static final class Told implements StreamListener {
    final List<String> events = new ArrayList<>();
    final StringBuilder received = new StringBuilder();
    long receivedBytes;
    boolean takesMore = true;
    boolean answersAfterTheEnd; // of what the peer sends
    Runnable onReceived = () -> {};
    CloseReason reason;
    Error error; // is thrown at what comes

    @Override
    public void connected() {
      events.add("connected");
    }

    @Override
    public boolean received(ByteBuffer bytes) {
      if (error != null) {
        throw error;
      }
      receivedBytes += bytes.remaining();
      if (received.length() < 1_000) {
        received.append(US_ASCII.decode(bytes));
      }
      onReceived.run();
      return takesMore;
    }

    @Override
    public boolean inputEnded() {
      events.add("input ended");
      return answersAfterTheEnd;
    }

    @Override
    public void flushed() {
      events.add("flushed");
    }

    @Override
    public void finished() {
      events.add("finished");
    }

    @Override
    public void failed(CloseReason why) {
      events.add("failed " + why.kind());
      reason = why;
    }
  }
}
