// Rings Followthrough's bell when a ticket changes: ids and the event's name, signed, and nothing else.
// Written for the platform's sandbox: no timers, helpers below the exports, no reading of anybody's words.

const crypto = require('crypto');

exports = {
  // A wrong secret or name is told while the administrator still looks at the form; any other trouble lets the app in,
  // because Followthrough also finds by itself what no bell told.
  onAppInstallHandler: async function (payload) {
    try {
      await ring(payload, {});
      renderData();
    } catch (error) {
      answerInstall(error);
    }
  },

  onTicketHandler: async function (payload) {
    const ticket = dataOf(payload).ticket || {};
    await ringQuietly(payload, { ticket: { id: readId(ticket.id) } }, ticket.id);
  },

  onConversationHandler: async function (payload) {
    const said = dataOf(payload).conversation || {};
    const ids = { conversation: { id: readId(said.id), ticket_id: readId(said.ticket_id) } };
    await ringQuietly(payload, ids, said.ticket_id);
  }
};

// One bell. The body is ASCII and goes out as the very letters that were signed:
// hex HMAC-SHA256 of time, a full stop and the body, keyed with the app's secret.
async function ring(payload, ids) {
  const secret = (payload.iparams || {}).app_secret;
  if (!secret) {
    throw new Error('the installation has no app secret');
  }
  const time = String(Math.floor(Date.now() / 1000));
  const body = JSON.stringify(tell(payload, ids));
  const signature = crypto.createHmac('sha256', secret).update(time + '.' + body, 'utf8').digest('hex');
  return await $request.invokeTemplate('ring', { context: { time: time, signature: signature }, body: body });
}

// A bell that fails is only a bell: it is logged without a word of the ticket, and looked for later.
async function ringQuietly(payload, ids, ticket) {
  if (readId(ticket) === null) {
    return;
  }
  try {
    await ring(payload, ids);
  } catch (error) {
    console.error('Followthrough was not reached', readId(ticket), Number(error.status) || 0);
  }
}

// The platform's own envelope without everything that is about persons: their address, rights and words stay here.
function tell(payload, ids) {
  const actor = dataOf(payload).actor || {};
  const at = Number(payload.timestamp);
  return {
    event: readName(payload.event),
    timestamp: Number.isFinite(at) ? at : 0,
    account_id: readId(payload.account_id),
    data: Object.assign({ actor: { id: readId(actor.id) } }, ids)
  };
}

function answerInstall(error) {
  const status = Number(error.status) || 0;
  if (status === 401) {
    return renderData({ message: 'Followthrough does not accept this app secret.' });
  }
  if (status === 404) {
    return renderData({ message: 'Followthrough has no account of this name.' });
  }
  return renderData();
}

function dataOf(payload) {
  return payload.data || {};
}

// A positive whole number or its digits, as digits; null for all else.
function readId(value) {
  const digits = typeof value === 'number' ? String(value) : value;
  return typeof digits === 'string' && /^[1-9][0-9]{0,19}$/.test(digits) ? digits : null;
}

function readName(value) {
  return String(value).replace(/[^A-Za-z]/g, '').slice(0, 40);
}
