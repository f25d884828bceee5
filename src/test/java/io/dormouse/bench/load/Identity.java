package io.dormouse.bench.load;

import io.dormouse.support.Certificates;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import okhttp3.tls.HeldCertificate;

/** The server's certificate, and TLS with it: by the JDK everywhere, with its defaults. */
final class Identity {
  /** A thousand at once take seconds, and on a busy machine many. */
  private static final int LIMIT_SECONDS = 60;

  private final HeldCertificate held =
      Certificates.signed()
          .commonName("bench")
          .addSubjectAlternativeName("127.0.0.1")
          .addSubjectAlternativeName("*." + Secure.DOMAIN)
          .build();

  private final SSLContext jdk = Certificates.server(held).sslContext();
  private final SslContext netty;

  Identity() throws SSLException {
    netty =
        SslContextBuilder.forServer(held.keyPair().getPrivate(), held.certificate())
            .sslProvider(SslProvider.JDK)
            .protocols("TLSv1.3", "TLSv1.2")
            .build();
  }

  X509Certificate authority() {
    return Certificates.AUTHORITY.certificate();
  }

  /** Puts TLS below what else is in the pipeline. */
  Consumer<SocketChannel> below(Consumer<SocketChannel> install) {
    return channel -> {
      SslHandler tls = netty.newHandler(channel.alloc());
      tls.setHandshakeTimeout(LIMIT_SECONDS, TimeUnit.SECONDS);
      channel.pipeline().addLast(tls);
      install.accept(channel);
    };
  }

  /** Puts TLS over a channel that blocks. */
  ByteChannel over(java.nio.channels.SocketChannel client) throws IOException {
    return new SecureBytes(jdk.getSocketFactory(), client);
  }
}
