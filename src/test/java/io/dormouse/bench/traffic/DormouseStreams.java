package io.dormouse.bench.traffic;

import io.dormouse.ConnectionRegistry;
import io.dormouse.bench.load.Ports;
import io.dormouse.bench.load.Trust;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.tcp.TcpBuilder;
import io.dormouse.tcp.TcpConnection;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** Dormouse, with its defaults; the app has 2 MiB of sends in flight, well below their bound. */
final class DormouseStreams implements Streams {
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build();
  private final TcpConnection sink;
  private final TcpConnection source;
  private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
  private final InFlight inFlight = new InFlight(MOST_IN_FLIGHT);
  private final BlockingQueue<Long> counts = new LinkedBlockingQueue<>();
  private volatile Download download = new Download(0);

  DormouseStreams(Ports ports, Throughput.Over over) throws Exception {
    boolean secure = over == Throughput.Over.TLS;
    TcpBuilder toSink = registry.tcp("sink");
    TcpBuilder toSource = registry.tcp("source");
    if (secure) {
      Trust trust = ports.secure().trust();
      toSink.tls(tls -> tls.sslContext(trust.context()));
      toSource.tls(tls -> tls.sslContext(trust.context()));
    }
    sink =
        toSink
            .connectTo("127.0.0.1", secure ? ports.secure().tcpSink() : ports.tcpSink())
            .onData((tcp, bytes) -> counts.add(bytes.getLong()))
            .register();
    BiConsumer<TcpConnection, ByteBuffer> taking = (tcp, bytes) -> download.add(bytes.remaining());
    if (over == Throughput.Over.BORROWED_TCP) {
      toSource.onBorrowedData(taking);
    } else {
      toSource.onData(taking);
    }
    source =
        toSource
            .connectTo("127.0.0.1", secure ? ports.secure().tcpSource() : ports.tcpSource())
            .register();
    lifecycle.onForeground();
    registry.resumed().get(LIMIT_NANOS, TimeUnit.NANOSECONDS);
  }

  @Override
  public long up(long bytes) throws InterruptedException {
    inFlight.add(sink.send(number(bytes)));
    for (long left = bytes; left > 0; left -= PIECE) {
      ByteBuffer next = left < PIECE ? piece.duplicate().limit((int) left) : piece;
      inFlight.add(sink.send(next));
    }
    Long count = inFlight.finish() == 0 ? counts.poll(LIMIT_NANOS, TimeUnit.NANOSECONDS) : null;
    return count == null ? 0 : count;
  }

  @Override
  public long down(long bytes) throws InterruptedException {
    download = new Download(bytes);
    inFlight.add(source.send(number(bytes)));
    return inFlight.finish() == 0 ? download.await() : 0;
  }

  private static ByteBuffer number(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).flip();
  }

  @Override
  public void close() {
    registry.close();
  }
}
