package io.dormouse.bench.crowd;

import io.dormouse.bench.Contender;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import io.dormouse.bench.load.Trust;
import java.io.IOException;
import java.net.InetAddress;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.X509TrustManager;

/**
 * Several hosts, a connection over TLS to each: all open, then closed, then open again. Each round
 * begins with a client that knows none of them.
 */
public final class Back implements Contender {
  /** What the library ends with that is measured the first time, and not the second. */
  static final String FIRST = "-first";

  private final Setting setting;
  private final What what;

  /** What is measured, of the second time. */
  enum What {
    /** From nothing to the last connection open, in milliseconds. */
    MILLIS,
    /** How many handshakes went on with no earlier session: those that have a chain verified. */
    FULL
  }

  /** Words: what, the version of TLS, and how many hosts. */
  public Back(Setting setting) {
    this.setting = setting;
    what = What.valueOf(setting.word(0));
  }

  @Override
  public Round play() throws Exception {
    Counting verified = new Counting(setting.ports().secure().trustManager());
    Trust trust = Trust.upTo(setting.word(1), verified);
    Site site =
        new Site(
            setting.ports(),
            Crowd.Kind.SECURE_WEB_SOCKET,
            setting.number(2),
            Optional.of(trust),
            Optional.of(host -> List.of(InetAddress.getLoopbackAddress())));
    try (Crowd crowd = Crowd.of(setting.library().replace(FIRST, ""), site)) {
      long begun = System.nanoTime();
      int missing = crowd.open();
      long first = System.nanoTime() - begun;
      missing += crowd.leave();
      int before = verified.count.get();
      begun = System.nanoTime();
      missing += crowd.open();
      long second = System.nanoTime() - begun;
      missing += crowd.leave();
      if (what == What.FULL) {
        return new Round(verified.count.get() - before, missing);
      }
      return new Round((setting.library().endsWith(FIRST) ? first : second) / 1e6, missing);
    }
  }

  /** Counts how many chains are looked at. */
  private static final class Counting implements X509TrustManager {
    private final X509TrustManager all;
    private final AtomicInteger count = new AtomicInteger();

    Counting(X509TrustManager all) {
      this.all = all;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind)
        throws CertificateException {
      count.incrementAndGet();
      all.checkServerTrusted(chain, kind);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind)
        throws CertificateException {
      all.checkClientTrusted(chain, kind);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return all.getAcceptedIssuers();
    }
  }

  @Override
  public void close() throws IOException {}
}
