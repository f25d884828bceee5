package io.dormouse.http;

import io.dormouse.support.Await;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import okhttp3.Dns;
import okhttp3.OkHttpClient;

/** A resolver that fails once, when it is told to, and then finds its names. */
final class FailingDns implements Dns {
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch fail = new CountDownLatch(1);

  OkHttpClient client() {
    return new OkHttpClient.Builder().dns(this).build();
  }

  @Override
  public List<InetAddress> lookup(String hostname) throws UnknownHostException {
    if (fail.getCount() > 0) {
      asked.countDown();
      Await.hold(fail);
      throw new UnknownHostException(hostname);
    }
    return Dns.SYSTEM.lookup(hostname);
  }

  /** While it is asked the app leaves, and it fails before the loop has heard of that. */
  void leaveMeanwhile(HttpRig rig) {
    Await.latch(asked);
    rig.lifecycle.holdLoop(rig.registry);
    rig.lifecycle.onBackground();
    fail.countDown();
  }
}
