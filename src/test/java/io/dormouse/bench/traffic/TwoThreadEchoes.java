package io.dormouse.bench.traffic;

import io.dormouse.bench.Setting;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The limit for a library that promises what Dormouse does: no callback runs on the thread that
 * reads and writes. One other thread looks at each answer and hands the next message back.
 */
final class TwoThreadEchoes extends LoopEchoes {
  private final BlockingQueue<Member> answers = new LinkedBlockingQueue<>();
  private final Queue<Member> due = new ConcurrentLinkedQueue<>();

  TwoThreadEchoes(Protocol protocol, Setting setting, int size, int connections)
      throws IOException {
    super(protocol, setting, size, connections);
    Thread thread = new Thread(this::callBack, "callbacks");
    thread.setDaemon(true);
    thread.start();
  }

  private void callBack() {
    try {
      while (true) {
        Member member = answers.take();
        if (rally.returned()) {
          due.add(member);
        }
        selector.wakeup(); // also at the end of the round, which the loop waits for
      }
    } catch (InterruptedException e) {
      // nobody does that
    }
  }

  @Override
  protected void answered(Member member) {
    answers.add(member);
  }

  @Override
  protected void sendHandedBack() throws IOException {
    for (Member next = due.poll(); next != null; next = due.poll()) {
      next.send();
    }
  }
}
