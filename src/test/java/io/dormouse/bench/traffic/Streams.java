package io.dormouse.bench.traffic;

import io.dormouse.bench.Setting;
import io.dormouse.bench.load.Ports;
import java.io.Closeable;
import java.util.concurrent.TimeUnit;

/** Connections to the server's sink and source, open. */
interface Streams extends Closeable {
  /** What one send, or one read of a bare socket, has. */
  int PIECE = 64 * 1024;

  /** Pieces that the app has on their way at most, where it does not send them itself: 2 MiB. */
  int MOST_IN_FLIGHT = 32;

  /** What has not passed by then won't. */
  long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);

  /** Sends so many bytes. Returns how many the server says have come, within the limit. */
  long up(long bytes) throws Exception;

  /** Asks for so many bytes. Returns how many came within the limit. */
  long down(long bytes) throws Exception;

  /** Opens them; only the classes of their own library are loaded. */
  static Streams of(Setting setting, Throughput.Over over) throws Exception {
    Ports ports = setting.ports();
    return switch (setting.library()) {
      case "dormouse" -> new DormouseStreams(ports, over);
      case "bare" -> new BlockingStreams(ports);
      case "copying" -> new CopyingStreams(ports);
      case "two-threads" -> new TwoThreadStreams(ports);
      case "netty" -> new NettyStreams(ports, over == Throughput.Over.TLS);
      default -> throw new IllegalArgumentException("no streams of " + setting.library());
    };
  }
}
